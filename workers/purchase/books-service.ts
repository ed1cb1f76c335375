import { WorkerEntrypoint } from "cloudflare:workers";

/** What the gateway asks about the books: history and its proof, reconciliation, what needs a person, rebuilding. */
export class BooksService extends WorkerEntrypoint<PurchaseEnv> {
  /** Whether the Worker answers. */
  ready(): boolean {
    return true;
  }
}
