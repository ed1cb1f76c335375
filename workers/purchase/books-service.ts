import { WorkerEntrypoint } from "cloudflare:workers";
import type { ChainPage } from "../../domain/books/chain.ts";
import { readChain } from "./books/audit.ts";

/** What the gateway asks about the books: history and its proof, reconciliation, what needs a person, rebuilding. */
export class BooksService extends WorkerEntrypoint<PurchaseEnv> {
  /** Whether the Worker answers. */
  ready(): boolean {
    return true;
  }

  /** A chain after a sequence, as its writer has it; `null` where there is none of this name. */
  history(chain: string, after: number): Promise<ChainPage | null> {
    return readChain(this.env, chain, after);
  }
}
