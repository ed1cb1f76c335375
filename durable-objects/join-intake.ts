import { decodeBase64url } from "../domain/base64url.ts";
import { ReorderBuffer } from "../domain/queue/line.ts";
import type { DueJoin, GivenNumber, LaneJoin } from "./join-book.ts";
import type { NumberedJoin } from "./lane-batch.ts";
import type { Runtime, Timer } from "./runtime.ts";
import type { LineRecord } from "./sequencer-store.ts";

/** How often the reorder buffer is looked at while it holds joins. */
const ORDER_EVERY_MS = 20;
/** Joins numbered in one transaction: about 40 ms of work. */
const ORDER_MAX_JOINS = 2_000;
/** Joins held for order at once; more than 20 seconds of the fastest intake measured. */
const JOINS_MAX_WAITING = 50_000;

interface HeldJoin extends LaneJoin {
  done: (given: GivenNumber) => void;
  failed: (error: unknown) => void;
}

export interface JoinIntakePorts {
  runtime: Runtime;
  /** Numbers what is due, in the order given, in one transaction. */
  number(due: DueJoin[]): GivenNumber[];
  /** Runs after it, whatever became of it. */
  after(): void;
}

/** Holds joins back for their reorder window, and has those numbered together that are due together. */
export class JoinIntake {
  readonly #ports: JoinIntakePorts;
  #buffer: ReorderBuffer<HeldJoin> | null = null;
  #timer: Timer | null = null;

  constructor(ports: JoinIntakePorts) {
    this.#ports = ports;
  }

  /** Whether so many more can be held. */
  hasRoomFor(joins: number): boolean {
    return (this.#buffer?.size ?? 0) + joins <= JOINS_MAX_WAITING;
  }

  /** Holds a join back for its reorder window; answers when it is numbered. */
  async hold(join: LaneJoin, { definition, tieKey }: LineRecord): Promise<NumberedJoin> {
    this.#buffer ??= new ReorderBuffer<HeldJoin>(
      definition.queue.reorderWindowMs,
      decodeBase64url(tieKey) ?? Uint8Array.of(0),
    );
    const { promise, resolve, reject } = Promise.withResolvers<GivenNumber>();
    const nowMs = this.#ports.runtime.now();
    this.#buffer.add({ ...join, done: resolve, failed: reject }, nowMs);
    this.#orderSoon();
    return { laneSeq: join.laneSeq, ...(await promise) };
  }

  #orderSoon(): void {
    this.#timer ??= this.#ports.runtime.setTimer(() => {
      this.#timer = null;
      this.#order();
    }, ORDER_EVERY_MS);
  }

  #order(): void {
    const due = this.#buffer?.release(this.#ports.runtime.now(), ORDER_MAX_JOINS) ?? [];
    if (this.#buffer && this.#buffer.size > 0) this.#orderSoon();
    if (due.length === 0) return;
    try {
      const given = this.#ports.number(due);
      for (const [index, { join }] of due.entries()) {
        const own = given[index];
        if (own) join.done(own);
      }
    } catch (error) {
      for (const { join } of due) join.failed(error);
    }
    this.#ports.after();
  }
}
