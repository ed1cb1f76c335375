import type { Board } from "../domain/queue/board.ts";
import { editionOf } from "../domain/queue/live.ts";
import type { Calls } from "./calls.ts";
import type { Runtime } from "./runtime.ts";

/** Who tells of boards: the sequencer, or the root of a region. */
export interface BoardSource {
  /** The board once its edition is newer; within 20 s as it is then; `null` when there is none. */
  next(watcher: string, edition: number): Promise<Board | null>;
  /** Answers the watcher's parked call now. */
  unwatch(watcher: string): Promise<void>;
}

export interface BoardWatchOptions {
  runtime: Runtime;
  calls: Calls;
  /** Made anew for every call: a stub whose call failed may stay broken. */
  source: () => BoardSource;
  /** The name of whoever watches, one among those of the source. */
  watcher: string;
  saleId: string;
  /** Takes what the source said; whether anybody is left for whom to ask again. */
  heard: (board: Board, isNews: boolean) => boolean;
  /** The watch has ended: for want of somebody to tell, or because the source does not answer. */
  ended?: () => void;
}

/** One parked call for the next board, and another one after each answer. */
export class BoardWatch {
  readonly #options: BoardWatchOptions;
  #isOn = false;
  #board: Board | null = null;

  constructor(options: BoardWatchOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** The board as last heard; `null` while nobody watches, since it may have changed. */
  get board(): Board | null {
    return this.#board;
  }

  /** Asks from now on, if it does not do so already. */
  begin(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#askSoon();
  }

  /** Has the parked call answered; `heard` then says that nobody is left. */
  async end(): Promise<void> {
    if (!this.#isOn) return;
    const { source, watcher } = this.#options;
    try {
      await source().unwatch(watcher);
    } catch (error) {
      this.#warn(error);
    }
  }

  #askSoon(): void {
    // From a timer: the caller whose request led here may hang up.
    this.#options.runtime.setTimer(() => void this.#ask(), 0);
  }

  async #ask(): Promise<void> {
    const board = await this.#next();
    if (board && this.#hear(board)) {
      this.#askSoon();
      return;
    }
    this.#isOn = false;
    this.#board = null;
    this.#options.ended?.();
  }

  async #next(): Promise<Board | null> {
    const { source, watcher, calls } = this.#options;
    calls.count("board.next");
    try {
      const board = await source().next(watcher, this.#board ? editionOf(this.#board) : 0);
      // A copy: what a call brought holds on to the call, and would so where it is handed on.
      return structuredClone(board);
    } catch (error) {
      this.#warn(error);
      return null;
    }
  }

  #hear(board: Board): boolean {
    const known = this.#board ? editionOf(this.#board) : 0;
    const edition = editionOf(board);
    // Never back, even when a clock is: what was told would be told again and again.
    if (edition >= known) this.#board = board;
    return this.#options.heard(board, edition > known);
  }

  #warn(error: unknown): void {
    const { saleId, watcher } = this.#options;
    console.warn({ event: "live.unheard", saleId, watcher, error: String(error) });
  }
}
