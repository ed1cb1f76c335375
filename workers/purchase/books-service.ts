import { WorkerEntrypoint } from "cloudflare:workers";
import type { ChainPage } from "../../domain/books/chain.ts";
import { readChain } from "./books/audit.ts";
import { listEvents, type EventFilter } from "./events/read.ts";
import type { DomainEvent } from "./events/schemas.ts";
import type { Page } from "./page.ts";

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

  /** Domain events after a cursor, in so many rows of the books: from the projection alone. */
  events(filter: EventFilter, cursor: string | null, limit: number): Promise<Page<DomainEvent>> {
    return listEvents(this.env, filter, cursor, limit);
  }
}
