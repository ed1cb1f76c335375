/** One shopper's place on a sale's waiting list: asked for as told, kept in this browser. One article at a time. */
import { getWaitlist, joinWaitlist, leaveWaitlist, type ListCredentials } from "./api.ts";
import { spreadMs } from "./backoff.ts";
import type { ItemStatus, WaitlistView } from "./contract.ts";
import { isOfferedTo, listPollMs } from "./list-text.ts";
import { startPoller, type Poller } from "./poller.ts";
import { ApiProblem } from "./problem.ts";
import { guestToken, type SaleSession } from "./session.ts";

/** What this browser holds on a waiting list. */
export interface ListPlace {
  readonly sku: string;
  /** Null until the shop has told. */
  readonly view: WaitlistView | null;
  /** The order that was offered last. */
  readonly orderId: string | null;
}

/** What a place on the list tells the page, and asks of it. */
export interface ListFlowHooks {
  readonly changed: () => void;
  /** Whether a socket brings what changes. */
  readonly isLive: () => boolean;
  /** Failures in a row of the loop that asks; 0 when it works again. */
  readonly failures: (count: number, error: unknown) => void;
}

/** A place on a waiting list; there may be none. */
export class ListFlow {
  readonly #saleId: string;
  readonly #session: SaleSession;
  readonly #hooks: ListFlowHooks;
  readonly #poller: Poller;
  #view: WaitlistView | null = null;
  /** Counts what this page did to the place: an answer asked for before then is out of date. */
  #epoch = 0;

  constructor(saleId: string, session: SaleSession, hooks: ListFlowHooks) {
    this.#saleId = saleId;
    this.#session = session;
    this.#hooks = hooks;
    this.#poller = startPoller({ ask: () => this.#ask(), onFailures: hooks.failures });
  }

  /** What is held now; null for who is on no list. */
  get held(): ListPlace | null {
    const kept = this.#session.list();
    return kept === null ? null : { ...kept, view: this.#view };
  }

  /** Joins the list; problems are thrown. */
  async join(sku: string, quantity: number): Promise<void> {
    const credentials = await this.#credentials();
    if (credentials !== null) {
      this.#take(sku, await joinWaitlist(this.#saleId, sku, quantity, credentials));
      this.#poller.wake(this.#delayMs() ?? 0);
    }
  }

  /** Leaves the list, which declines an offer; problems are thrown. */
  async leave(): Promise<void> {
    const kept = this.#session.list();
    const credentials = await this.#credentials();
    if (kept !== null && credentials !== null) {
      await leaveWaitlist(this.#saleId, kept.sku, credentials);
      this.drop();
    }
  }

  /** Takes in the figures of the articles: an offer shows in them before a poll is due. */
  hear(items: readonly ItemStatus[], number: number | null): void {
    const kept = this.#session.list();
    if (kept !== null && this.#view?.state === "waiting" && isOfferedTo(items, kept.sku, number)) {
      this.#poller.wake();
    }
  }

  /** Asks for the place now. */
  wake(): void {
    this.#poller.wake();
  }

  /** Looks again at what is kept in this browser: another tab has changed it. */
  follow(): void {
    this.#epoch += 1;
    if (this.#session.list() === null) {
      this.#view = null;
    }
    this.#poller.wake();
  }

  /** Lets the place go in this browser. */
  drop(): void {
    this.#epoch += 1;
    this.#session.setList(null);
    this.#view = null;
    this.#hooks.changed();
  }

  #take(sku: string, view: WaitlistView): void {
    this.#epoch += 1;
    this.#view = view;
    this.#session.setList({ sku, orderId: view.orderId ?? null });
    this.#hooks.changed();
  }

  async #credentials(): Promise<ListCredentials | null> {
    const ticket = this.#session.ticket();
    return ticket === null ? null : { ticket, bearer: await guestToken() };
  }

  async #ask(): Promise<number | null> {
    const kept = this.#session.list();
    if (kept === null || this.#session.ticket() === null) {
      return null;
    }
    const epoch = this.#epoch;
    try {
      const credentials = await this.#credentials();
      const view = credentials && (await getWaitlist(this.#saleId, kept.sku, credentials));
      if (view === null || epoch !== this.#epoch) {
        return 0;
      }
      this.#take(kept.sku, view);
      return this.#delayMs();
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "not_found") {
        this.drop();
        return null;
      }
      throw error;
    }
  }

  #delayMs(): number | null {
    const delayMs = this.#view && listPollMs(this.#view, this.#hooks.isLive());
    return delayMs === null ? null : spreadMs(delayMs, Math.random());
  }
}
