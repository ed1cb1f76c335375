/**
 * One shopper's place in a sale's line: asked for as told, followed by the socket, kept in this browser,
 * made longer while its shopper is there.
 */
import { askLive, getQueueView } from "./api.ts";
import { serverNowMs } from "./clock.ts";
import type { LiveMessage, QueueView, Sale, SaleStatus } from "./contract.ts";
import { keepReceipt } from "./kept-receipt.ts";
import { createLiveSocket, type LiveSocket } from "./live-socket.ts";
import { followsBoard, isToAsk, livePollMs, viewByBoard } from "./live-view.ts";
import { startPoller, type Poller } from "./poller.ts";
import { createPresence, type Presence } from "./presence.ts";
import { ApiProblem } from "./problem.ts";
import { renewableInMs, type RenewalFacts } from "./renewal.ts";
import { guestToken, laterPass, type SaleSession, type StoredPass } from "./session.ts";
import { STATUS_POLL_MS } from "./status-delay.ts";
import { POLL_FLOOR_MS, pollCredentials, pollDelayMs } from "./waiting.ts";
import { rememberPlace, type PlaceMemory } from "./waiting-text.ts";

/** What this browser holds in the line of a sale. */
export interface HeldPlace {
  readonly hasTicket: boolean;
  readonly view: QueueView | null;
  readonly place: PlaceMemory | null;
  readonly pass: StoredPass | null;
  readonly renewal: RenewalFacts;
}

/** What a place tells the page, and asks of it. */
export interface PlaceFlowHooks {
  readonly changed: () => void;
  readonly status: () => SaleStatus | null;
  readonly heard: (board: LiveMessage) => void;
  /** What the sale's figures are needed for has changed, or how they come. */
  readonly statusDue: (isAtOnce: boolean) => void;
  /** Whether a longer turn is of use: not any more once something is ordered. */
  readonly needsTurn: () => boolean;
  /** Failures in a row of the loop that asks; 0 when it works again. */
  readonly failures: (count: number, error: unknown) => void;
  /** The shop does not know the place, or the shopper. */
  readonly lost: (error: ApiProblem) => void;
}

/** A place on a page; there may be none yet. */
export class PlaceFlow {
  readonly #sale: Sale;
  readonly #session: SaleSession;
  readonly #hooks: PlaceFlowHooks;
  readonly #poller: Poller;
  readonly #live: LiveSocket;
  readonly #presence: Presence;
  #view: QueueView | null = null;
  #place: PlaceMemory | null;
  #pass: StoredPass | null;
  /** Counts what this page did to the place: an answer asked for before then is out of date. */
  #epoch = 0;
  #wasAskedWho = false;
  #refusedLeftMs = Infinity;

  constructor(sale: Sale, session: SaleSession, hooks: PlaceFlowHooks) {
    this.#sale = sale;
    this.#session = session;
    this.#hooks = hooks;
    this.#place = session.place();
    this.#pass = session.pass();
    this.#presence = createPresence(() => this.#planRenewal());
    this.#live = createLiveSocket({
      address: () => askLive(sale.saleId, session.ticket() ?? ""),
      heard: (board) => this.#hear(board),
      lost: () => this.#pollAgain(),
    });
    this.#poller = startPoller({ ask: () => this.#ask(), onFailures: hooks.failures });
  }

  /** What is held now. */
  get held(): HeldPlace {
    return {
      hasTicket: this.#session.ticket() !== null,
      view: this.#view,
      place: this.#place,
      pass: this.#pass,
      renewal: this.#renewal(),
    };
  }

  /** Whether a socket brings what changes. */
  get isLive(): boolean {
    return this.#live.board() !== null;
  }

  /** Asks for the place now. */
  wake(): void {
    this.#poller.wake();
  }

  /** Looks again at what is kept in this browser: another tab has changed it. */
  follow(): void {
    if (this.#session.ticket() === null) {
      this.drop();
      return;
    }
    this.#epoch += 1;
    this.#pass = this.#session.pass();
    this.#hooks.changed();
    this.#poller.wake();
  }

  /** Takes in the answer to a join. */
  join(view: QueueView): void {
    if (view.pass === undefined) {
      // It was for a place before this one.
      this.#session.setPass(null);
    }
    this.#take(view);
    this.#poller.wake(this.#nextPollMs(view, false) ?? 0);
  }

  /** Lets the place go. */
  drop(): void {
    this.#epoch += 1;
    this.#session.setTicket(null);
    this.#session.setPass(null);
    this.#session.setPlace(null);
    this.#view = null;
    this.#place = null;
    this.#pass = null;
    this.#hooks.changed();
    this.#live.want(false);
  }

  #take(told: QueueView): void {
    // A poll may be answered from a board that is older than the one that was pushed.
    const board = this.#live.board();
    const view = board === null ? told : viewByBoard(told, board);
    this.#epoch += 1;
    this.#wasAskedWho = false;
    if (view.state === "left") {
      this.drop();
      return;
    }
    if (view.ticket !== undefined) {
      this.#session.setTicket(view.ticket);
      if (view.receipt !== undefined) {
        keepReceipt(this.#sale.saleId, { ticket: view.ticket, receipt: view.receipt });
      }
    }
    this.#keepPass(view);
    const isOtherState = view.state !== this.#view?.state;
    this.#show(view);
    if (isOtherState) {
      this.#hooks.statusDue(true);
    }
    this.#live.want(followsBoard(view));
  }

  #keepPass({ number, pass, passExpiresAt }: QueueView): void {
    const isNewPlace = number !== null && number !== this.#place?.number;
    const known = isNewPlace ? null : this.#session.pass();
    const told = pass === undefined ? null : { pass, expiresAt: passExpiresAt ?? null };
    const kept = laterPass(known, told);
    if (kept?.pass !== this.#pass?.pass) {
      // What was done before is no reason to make the turn longer once more.
      this.#presence.rest();
      this.#refusedLeftMs = Infinity;
    }
    this.#session.setPass(kept);
    this.#pass = kept;
  }

  #show(view: QueueView): void {
    this.#view = view;
    this.#place = rememberPlace(this.#place, view);
    this.#session.setPlace(this.#place);
    this.#hooks.changed();
  }

  /** Takes in a board that was pushed. What is asked for in the meantime stays good: the epoch is the same. */
  #hear(board: LiveMessage): void {
    const earlier = this.#hooks.status();
    this.#hooks.heard(board);
    if (this.#view === null) {
      return;
    }
    const before = this.#view;
    this.#show(viewByBoard(before, board));
    if (isToAsk(before, board, earlier)) {
      this.#poller.wake();
    }
  }

  /** Polls as told again: the socket is lost. */
  #pollAgain(): void {
    const pollMs = this.#view === null ? null : this.#nextPollMs(this.#view, true);
    if (pollMs !== null) {
      this.#poller.wake(pollMs);
    }
    this.#hooks.statusDue(false);
  }

  async #ask(): Promise<number | null> {
    const ticket = this.#session.ticket();
    if (ticket === null) {
      return null;
    }
    const epoch = this.#epoch;
    const pass = this.#session.pass()?.pass;
    const renews = this.#presence.isSeen() && renewableInMs(this.#renewal(), serverNowMs()) === 0;
    const carries = pollCredentials(this.#view, {
      hasPass: pass !== undefined,
      wasAskedWho: this.#wasAskedWho,
      renews,
    });
    try {
      const view = await getQueueView(this.#sale.saleId, {
        ticket,
        ...(carries.bearer ? { bearer: await guestToken() } : {}),
        ...(carries.pass && pass !== undefined ? { pass } : {}),
      });
      if (epoch !== this.#epoch) {
        return 0;
      }
      this.#take(view);
      if (renews && this.#pass?.pass === pass) {
        this.#takeRefusal();
      }
      // By the place that is shown: the answer may be older than what was pushed.
      return this.#nextPollMs(this.#view ?? view, carries.bearer);
    } catch (error) {
      return this.#refusedPoll(error, carries.bearer);
    }
  }

  #nextPollMs(view: QueueView, sentBearer: boolean): number | null {
    const nowMs = serverNowMs();
    const moment = { hidden: document.hidden, sentBearer, random: Math.random(), nowMs };
    const polledMs = pollDelayMs(view, moment);
    const delayMs = this.isLive ? livePollMs(view, polledMs, nowMs) : polledMs;
    const renewMs = this.#presence.isSeen() ? renewableInMs(this.#renewal(), nowMs) : Infinity;
    return delayMs === null ? null : Math.min(delayMs, Math.max(renewMs, POLL_FLOOR_MS));
  }

  #renewal(): RenewalFacts {
    const { disableSessionRenewal, sessionDurationSeconds = 0 } = this.#sale.queue;
    const isInside = this.#view?.state === "admitted";
    return {
      // A shop that does not say so makes no turn longer.
      isAllowed: isInside && disableSessionRenewal === false && this.#hooks.needsTurn(),
      expiresAtMs: Date.parse(this.#pass?.expiresAt ?? ""),
      sessionMs: sessionDurationSeconds * 1_000,
      refusedLeftMs: this.#refusedLeftMs,
    };
  }

  /** The shopper is there: asks for a longer turn as soon as there is one to be had. */
  #planRenewal(): void {
    if (this.#view !== null && renewableInMs(this.#renewal(), serverNowMs()) !== Infinity) {
      this.#poller.wake(this.#nextPollMs(this.#view, false) ?? 0);
    }
  }

  #takeRefusal(): void {
    this.#presence.rest();
    this.#refusedLeftMs = Date.parse(this.#pass?.expiresAt ?? "") - serverNowMs();
    this.#hooks.changed();
  }

  /** What a refused poll means for what this browser keeps; anything else is tried again. */
  #refusedPoll(error: unknown, sentBearer: boolean): number | null {
    if (!(error instanceof ApiProblem) || error.passesSoon) {
      throw error;
    }
    if (error.status === 401 && !sentBearer) {
      this.#wasAskedWho = true;
      return 0;
    }
    if (error.code === "pass_invalid" || error.code === "pass_expired") {
      this.#session.setPass(null);
      this.#pass = null;
      this.#hooks.changed();
      return this.#view === null ? 0 : STATUS_POLL_MS.turn;
    }
    this.#hooks.lost(error);
    return null;
  }
}
