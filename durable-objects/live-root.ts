import { DurableObject } from "cloudflare:workers";
import type { Board } from "../domain/queue/board.ts";
import { editionOf } from "../domain/queue/live.ts";
import { parseLiveRootName } from "../domain/queue/live-tree.ts";
import { BoardWatch } from "./board-watch.ts";
import { Calls } from "./calls.ts";
import { ChangeFeed, PARKED_MAX_MS } from "./change-feed.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";

/** The bindings that the object uses. */
export type LiveRootEnv = Pick<WaitingRoomEnv, "QUEUE_SEQUENCER">;

/** The sequencer has made its pause: what it says goes on at once. */
const TELL_AT_ONCE_MS = 0;

/** For tests and admins. */
export interface LiveRootStats {
  /** Calls of shards that wait for a change now. */
  parked: number;
  isWatching: boolean;
  calls: Record<string, number>;
}

/**
 * Brings a sale's board to the shards of one region, so that the sequencer tells it once a region. It
 * keeps nothing: shards whose call is lost with it ask again by their alarms.
 */
export class LiveRoot extends DurableObject<LiveRootEnv> {
  readonly #runtime: Runtime;
  readonly #calls = new Calls();
  readonly #feed: ChangeFeed;
  readonly #watch: BoardWatch;

  constructor(ctx: DurableObjectState, env: LiveRootEnv, runtime: Runtime = systemRuntime) {
    super(ctx, env);
    this.#runtime = runtime;
    this.#feed = new ChangeFeed(runtime, TELL_AT_ONCE_MS);
    const { saleId, region } = parseLiveRootName(ctx.id.name ?? "");
    this.#watch = new BoardWatch({
      runtime,
      calls: this.#calls,
      source: () => env.QUEUE_SEQUENCER.getByName(saleId),
      watcher: region,
      saleId,
      heard: (board) => this.#heard(board),
      // To shards that still wait this says that there is no board to be had.
      ended: () => this.#feed.reset(),
    });
  }

  /**
   * The board once its edition is newer than a shard's; after 20 s as it was last heard. `null` when
   * the sequencer does not answer, or knows of no such sale.
   */
  async next(shard: string, edition: number): Promise<Board | null> {
    this.#calls.count("shard.next");
    const answer = this.#feed.wait(shard, edition, this.#runtime.now() + PARKED_MAX_MS);
    this.#watch.begin();
    await answer;
    return this.#watch.board;
  }

  /** Answers a shard's parked call: it has nobody left to tell. */
  async unwatch(shard: string): Promise<void> {
    this.#feed.release(shard);
    if (this.#feed.size === 0) await this.#watch.end();
  }

  /** What the object holds and has served since it woke. */
  stats(): LiveRootStats {
    return {
      parked: this.#feed.size,
      isWatching: this.#watch.isOn,
      calls: this.#calls.snapshot(),
    };
  }

  #heard(board: Board): boolean {
    const isAnyoneHere = this.#feed.size > 0;
    this.#feed.changed(editionOf(board));
    return isAnyoneHere;
  }
}
