import type { Board } from "../../../domain/queue/board.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";
import { boardUrl, readBoardAnswer } from "../../waiting-room/board-answer.ts";
import { ValueCache } from "../../caching/value-cache.ts";

/** At most two reads a second and isolate; four of boards that come late. */
const BOARD_FRESH_MS = 500;
/** A status is at most 2 s old, of which the ways to here and to the shopper take their part. */
const BOARD_REFRESH_MS = 1_500;
/**
 * While the line does not answer, places stand by the last board; nobody claims by one older than
 * 10 s. Were it forgotten sooner, all polls at once would turn to a line that is in trouble.
 */
const BOARD_KEEP_MS = 10 * 60_000;
/** Sales that one isolate serves at once. */
const BOARDS_MAX = 500;

/** Reads a sale's board; `null` when its line was never opened. */
export type BoardReader = (caller: Caller, saleId: string) => Promise<Board | null>;

/** By way of the cache before the feed: what it brings may be a second old. */
async function fromFeed({ env }: Caller, saleId: string): Promise<Board | null> {
  return readBoardAnswer(await env.BOARD_FEED.fetch(boardUrl(saleId)));
}

/** Past that cache. */
async function fromSequencer({ env }: Caller, saleId: string): Promise<Board | null> {
  return await env.WAITING_ROOM.board(saleId);
}

/**
 * The boards of sales, as the isolate last heard them. A board's age counts from `asOfMs`, whichever
 * caches it came through, and one with a lower version never takes the place of another.
 */
export class BoardCache {
  readonly #boards: ValueCache<Board>;
  readonly #read: BoardReader;
  /** Sales that were changed here and have not been read since. */
  readonly #changed = new Set<string>();

  constructor(runtime: Pick<Runtime, "now">, read: BoardReader = fromFeed) {
    this.#read = read;
    this.#boards = new ValueCache<Board>({
      runtime,
      freshMs: BOARD_FRESH_MS,
      refreshMs: BOARD_REFRESH_MS,
      keepMs: BOARD_KEEP_MS,
      entriesMax: BOARDS_MAX,
      bornAtMs: ({ asOfMs }) => asOfMs,
      isOlder: ({ version }, known) => version < known.version,
    });
  }

  /**
   * The board of a sale that is known to exist; `null` when its line was never opened. While the
   * line does not answer, the last board is served for ten minutes.
   */
  get(caller: Caller, saleId: string): Promise<Board | null> {
    return this.#boards.get(saleId, {
      load: () => this.#load(caller, saleId),
      waitUntil: caller.waitUntil,
    });
  }

  /** The board if it needs no look at anything else; most polls find it so. */
  fresh(saleId: string): Board | null {
    return this.#boards.fresh(saleId);
  }

  /** Forgets the board of a sale that an admin has just changed; the next one is read past all caches. */
  drop(saleId: string): void {
    this.#changed.add(saleId);
    this.#boards.drop(saleId);
  }

  async #load(caller: Caller, saleId: string): Promise<Board | null> {
    const isChanged = this.#changed.has(saleId);
    const read = isChanged ? fromSequencer : this.#read;
    const board = await callObject(() => read(caller, saleId));
    if (isChanged) this.#changed.delete(saleId);
    return board;
  }
}
