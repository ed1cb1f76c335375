import { isInvited, type LiveBoard, type QueueView } from "./contract.ts";
import { isAllHeld, isOfferNews, isToAsk, viewByBoard } from "./follow-board.ts";
import { LiveLink, type OpenSocket } from "./live-link.ts";
import type { Random } from "../domain/random.ts";
import type { Shopper } from "./shopper.ts";

/** A view may ask for any pause; these bounds keep a wrong answer from spinning or hanging us. */
const POLL_SHORTEST_MS = 50;
const POLL_LONGEST_MS = 30_000;
/** With a socket that lives, a page polls this often all the same. */
const SAFETY_POLL_MS = 60_000;

/** What a visit needs besides the shopper. */
export interface WaitingTools {
  /** Resolves after so many milliseconds, or when the signal is given. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  nowMs: () => number;
  random: Random;
  openSocket: OpenSocket;
}

/** What waiting asks of a shopper. */
export type WaitingShopper = Pick<Shopper, "claim" | "hear" | "liveAddress" | "poll" | "record"> & {
  list: Pick<Shopper["list"], "isAllHeld">;
};

/** How a visit waits: by polls alone, or by a socket. */
export interface Waiting {
  /** Waits as this view asks, and returns the next one that says something; for `untilHeld` that all is held, too. */
  next(view: QueueView, untilHeld?: boolean): Promise<QueueView>;
  /** Whether the shopper knows that everything is held. */
  readonly isAllHeld: boolean;
  /** The visit is over. */
  end(): void;
}

/** Looks as often as it is told to. */
export class PollWaiting implements Waiting {
  readonly #shopper: WaitingShopper;
  readonly #tools: WaitingTools;
  #isAllHeld = false;

  constructor(shopper: WaitingShopper, tools: WaitingTools) {
    this.#shopper = shopper;
    this.#tools = tools;
  }

  /** One look after the pause that the view asks for; for `untilHeld` at the sale's figures, too. */
  async next(view: QueueView, untilHeld = false): Promise<QueueView> {
    await this.#tools.sleep(pollPauseMs(view));
    const told = await look(this.#shopper, view, (place) => place);
    const asksFigures = untilHeld && told.state === "waiting";
    this.#isAllHeld = asksFigures && (await this.#shopper.list.isAllHeld());
    return told;
  }

  /** By the figures of the sale: the answers of the line do not say it. */
  get isAllHeld(): boolean {
    return this.#isAllHeld;
  }

  /** Nothing is open. */
  end(): void {}
}

/** Follows the board that a socket brings, and polls as told while there is none. */
export class SocketWaiting implements Waiting {
  readonly #shopper: WaitingShopper;
  readonly #tools: WaitingTools;
  readonly #link: LiveLink;
  readonly #told = { opened: 0, refused: 0, lost: 0, boards: 0, claimsTooSoon: 0 };
  /** The board that was taken in last. */
  #seen: LiveBoard | null = null;

  constructor(shopper: WaitingShopper, tools: WaitingTools) {
    this.#shopper = shopper;
    this.#tools = tools;
    this.#link = new LiveLink({
      address: () => shopper.liveAddress(),
      open: tools.openSocket,
      random: tools.random,
      nowMs: tools.nowMs,
      sleep: tools.sleep,
      told: this.#told,
    });
  }

  /** Returns when a board ends the waiting or names an offer, or the shop was asked: at a turn, or as often as told. */
  async next(view: QueueView, untilHeld = false): Promise<QueueView> {
    if (this.#shopper.record.socket === null) this.#link.start();
    this.#shopper.record.socket = this.#told;
    let place = this.#byBoard(view);
    let dueMs = this.#tools.nowMs() + this.#pauseMs(place);
    while (!isToldAll(place)) {
      this.#link.check();
      const { board, heardAtMs, news } = this.#link;
      const earlier = this.#seen;
      this.#seen = board;
      if (board === null && earlier !== null) {
        dueMs = Math.min(dueMs, this.#tools.nowMs() + pollPauseMs(place));
      }
      if (board !== null && board !== earlier) {
        const told = viewByBoard(place, board);
        this.#shopper.hear(told, heardAtMs);
        const asks = isToAsk(place, board, earlier);
        place = told;
        if (asks) return this.#look(place);
        if (isOfferNews(place, board, earlier) || (untilHeld && isAllHeld(board))) return place;
        continue;
      }
      const leftMs = dueMs - this.#tools.nowMs();
      if (leftMs <= 0) return this.#look(place);
      await this.#tools.sleep(leftMs, news);
    }
    return place;
  }

  /** By the board that was heard last. */
  get isAllHeld(): boolean {
    return this.#seen !== null && isAllHeld(this.#seen);
  }

  /** Closes the socket. */
  end(): void {
    this.#link.end();
  }

  #look(place: QueueView): Promise<QueueView> {
    return look(this.#shopper, place, (told) => this.#byBoard(told));
  }

  /** An answer may be older than the board that was pushed. */
  #byBoard(view: QueueView): QueueView {
    return this.#seen === null ? view : viewByBoard(view, this.#seen);
  }

  #pauseMs(view: QueueView): number {
    const followsBoard = view.state === "waiting" && view.number !== null && !isInvited(view);
    return this.#seen !== null && followsBoard ? SAFETY_POLL_MS : pollPauseMs(view);
  }
}

/** Nothing is left to wait for: the line is closed, or all is sold to someone inside. */
function isToldAll(view: QueueView): boolean {
  return view.state === "closed" || view.reason === "sold_out";
}

/** One poll; whoever the cursor has reached claims, at once if a plain poll says so. */
async function look(
  shopper: WaitingShopper,
  before: QueueView,
  read: (told: QueueView) => QueueView,
): Promise<QueueView> {
  if (before.state === "admitted") return read(await shopper.poll());
  if (isInvited(before)) return read(await shopper.claim());
  const view = read(await shopper.poll());
  const needsBearer = view.state === "admitted" && view.pass === undefined;
  const isTurn = view.state === "waiting" && isInvited(view);
  return needsBearer || isTurn ? read(await shopper.claim()) : view;
}

function pollPauseMs(view: QueueView): number {
  return Math.min(Math.max(view.pollAfterMs, POLL_SHORTEST_MS), POLL_LONGEST_MS);
}
