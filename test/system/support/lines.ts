import { runDurableObjectAlarm } from "cloudflare:test";
import { expect, vi } from "vitest";
import { laneName, laneOf } from "../../../domain/queue/lane.ts";
import type { TrailEntry } from "../../../domain/books/trail.ts";
import type { QueueSettings } from "../../../domain/queue/settings.ts";
import type { SaleControl, StockLevel } from "../../../domain/purchase/sale.ts";
import type { PlaceAnswer, QueueLane } from "../../../durable-objects/queue-lane.ts";
import type { Grant } from "../../../durable-objects/line-book.ts";
import type { LaneBatch, LaneReply } from "../../../durable-objects/lane-batch.ts";
import type { QueueSequencer } from "../../../durable-objects/queue-sequencer.ts";
import type { Refusal } from "../../../domain/problem.ts";
import { eventually } from "./clock.ts";
import { bindings, uniqueName } from "./objects.ts";
import { control, level, queueSettings } from "./samples.ts";

/** What a test may want of its line beside the defaults. */
export interface LineOptions {
  queue?: Partial<QueueSettings>;
  control?: Partial<SaleControl>;
  levels?: StockLevel[];
}

/** A sale's line as its shoppers and its admin reach it. */
export class TestLine {
  readonly saleId: string;
  readonly lanes: number;
  #laneSeq = 0;

  constructor(saleId: string, lanes: number) {
    this.saleId = saleId;
    this.lanes = lanes;
  }

  /** A fresh stub every time: one whose object was lost stays broken. */
  get sequencer(): DurableObjectStub<QueueSequencer> {
    return bindings.QUEUE_SEQUENCER.getByName(this.saleId);
  }

  /** The lane of a shopper, by the rule that the gateway uses. */
  laneOf(binding: string): DurableObjectStub<QueueLane> {
    return this.lane(laneOf(binding, this.lanes));
  }

  lane(lane: number): DurableObjectStub<QueueLane> {
    return bindings.QUEUE_LANE.getByName(laneName(this.saleId, lane));
  }

  /** Joins and lets the window close behind the join. */
  join(binding: string, arrivedAtMs = Date.now()): Promise<PlaceAnswer | Refusal> {
    return this.closeWindow(() => this.joinAndWait(binding, arrivedAtMs));
  }

  /** Joins; the answer comes when a test has let the window close. */
  joinAndWait(binding: string, arrivedAtMs = Date.now()): Promise<PlaceAnswer | Refusal> {
    return this.laneOf(binding).join(binding, arrivedAtMs, this.lanes);
  }

  /**
   * Makes a call that brings joins. Once they have arrived, a millisecond passes: a join is numbered
   * when nobody can come before it any more.
   */
  async closeWindow<Result>(call: () => PromiseLike<Result>): Promise<Result> {
    const before = await this.#joinsArrived();
    let isDone = false;
    const answer = Promise.resolve(call()).finally(() => {
      isDone = true;
    });
    const arrival = eventually(async () => {
      if (!isDone) expect(await this.#joinsArrived()).toBeGreaterThan(before);
    });
    await Promise.race([answer, arrival]);
    if (!isDone) vi.setSystemTime(Date.now() + 1);
    return answer;
  }

  async #joinsArrived(): Promise<number> {
    return (await this.sequencer.stats())?.calls["lane.joins"] ?? 0;
  }

  claim(binding: string, number: number): Promise<PlaceAnswer | Refusal> {
    return this.laneOf(binding).claim(binding, number);
  }

  leave(binding: string, number: number): Promise<PlaceAnswer | Refusal> {
    return this.laneOf(binding).leave(binding, number);
  }

  /** Joins one after the other; their numbers, in the order of the bindings. */
  async joinInOrder(...bindings: string[]): Promise<number[]> {
    const numbers: number[] = [];
    for (const binding of bindings) numbers.push(placed(await this.join(binding)).number);
    return numbers;
  }

  /** Gives out `count` numbers through a lane's batch, as if as many shoppers had joined. */
  async number(count: number): Promise<void> {
    const joins = Array.from({ length: count }, () => {
      this.#laneSeq += 1;
      return { laneSeq: this.#laneSeq, arrivedAtMs: Date.now() };
    });
    await this.closeWindow(() => this.#submit({ lane: 0, joins, claims: [], departures: [] }));
  }

  /** Asks for passes, one batch for all; what became of each number. */
  async ask(...numbers: number[]): Promise<Record<number, Grant>> {
    const reply = await this.#submit({ lane: 0, joins: [], claims: numbers, departures: [] });
    return Object.fromEntries(reply.grants.map(({ number, grant }) => [number, grant]));
  }

  /** Tells that numbers left. */
  async depart(...numbers: number[]): Promise<void> {
    await this.#submit({ lane: 0, joins: [], claims: [], departures: numbers });
  }

  /** Reports numbers that bought, a unit each. */
  async finish(sequence: number, ...numbers: number[]): Promise<void> {
    const finished = numbers.map((number) => ({ number, units: 1 }));
    const { saleId } = this;
    const stock = level(1_000);
    await this.sequencer.report({ saleId, sku: stock.sku, sequence, level: stock, finished });
  }

  async #submit(batch: LaneBatch): Promise<LaneReply> {
    const reply = await this.sequencer.submit(batch);
    if (!reply.ok) throw new Error(`Refused: ${reply.code}`);
    return reply;
  }

  /** Lets the sequencer tick now, by its alarm. */
  async tick(): Promise<void> {
    await runDurableObjectAlarm(this.sequencer);
  }

  /** What is in the sale's chain. */
  async trail(): Promise<TrailEntry[]> {
    const { rows } = await this.sequencer.chain(0);
    return rows.map(({ text }) => JSON.parse(text) as TrailEntry);
  }

  /** The line's counters. */
  async counters() {
    const stats = await this.sequencer.stats();
    if (!stats) throw new Error("The line has not been opened.");
    return stats.line;
  }

  async board() {
    const board = await this.sequencer.board();
    if (!board) throw new Error("The line has not been opened.");
    return board;
  }
}

/** Opens the line of a running sale: no reorder window, room and rate for everyone. */
export async function openLine(options: LineOptions = {}): Promise<TestLine> {
  const saleId = uniqueName("drop");
  const queue = queueSettings({ reorderWindowMs: 0, lanes: 4, ...options.queue });
  const line = new TestLine(saleId, queue.lanes);
  const levels = options.levels ?? [level(1_000)];
  const opened = await line.sequencer.create({ saleId, queue }, control(options.control), levels);
  expect(opened).toMatchObject({ ok: true });
  return line;
}

/** The place in an answer that has to be one. */
export function placed(answer: PlaceAnswer | Refusal): PlaceAnswer {
  if (!answer.ok) throw new Error(`No place: ${JSON.stringify(answer)}`);
  return answer;
}
