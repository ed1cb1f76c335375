import { BOARD_CLAIM_MAX_AGE_MS, type Board } from "../../../domain/queue/board.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";
import { ValueCache } from "./value-cache.ts";

/** At most two reads a second and isolate. */
const BOARD_FRESH_MS = 500;
/** A status is at most 2 s old, of which the way to the shopper takes its part. */
const BOARD_REFRESH_MS = 1_500;
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
      // Past this age nobody may claim by it, so that it says nothing any more.
      keepMs: BOARD_CLAIM_MAX_AGE_MS,
      entriesMax: BOARDS_MAX,
    });
  }

  /**
   * The board of a sale that is known to exist; `null` when its line was never opened. While the
   * line does not answer, the last board is served until it is 10 s old.
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
