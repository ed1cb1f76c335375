import type { Board } from "../../../domain/queue/board.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";
import { ValueCache } from "./value-cache.ts";

/** At most two reads a second and isolate. */
const BOARD_FRESH_MS = 500;
/** A status is at most 2 s old, of which the way to the shopper takes its part. */
const BOARD_REFRESH_MS = 1_500;
/**
 * While the line does not answer, places stand by the last board; nobody claims by one older than
 * 10 s. Were it forgotten sooner, all polls at once would turn to a line that is in trouble.
 */
const BOARD_KEEP_MS = 10 * 60_000;
/** Sales that one isolate serves at once. */
const BOARDS_MAX = 500;

/** The boards of sales, as the isolate last heard them. */
export class BoardCache {
  readonly #boards: ValueCache<Board>;

  constructor(runtime: Pick<Runtime, "now">) {
    this.#boards = new ValueCache<Board>({
      runtime,
      freshMs: BOARD_FRESH_MS,
      refreshMs: BOARD_REFRESH_MS,
      keepMs: BOARD_KEEP_MS,
      entriesMax: BOARDS_MAX,
    });
  }

  /**
   * The board of a sale that is known to exist; `null` when its line was never opened. While the
   * line does not answer, the last board is served for ten minutes.
   */
  get(caller: Caller, saleId: string): Promise<Board | null> {
    return this.#boards.get(saleId, {
      load: () => callObject(() => caller.env.WAITING_ROOM.board(saleId)),
      waitUntil: caller.waitUntil,
    });
  }

  /** Forgets the board of a sale that an admin has just changed. */
  drop(saleId: string): void {
    this.#boards.drop(saleId);
  }
}
