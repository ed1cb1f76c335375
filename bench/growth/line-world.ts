import { entryText, type LogEvent } from "../../domain/log/leaf.ts";
import { logBinding } from "../../domain/log/note.ts";
import { packTexts, unpackEntries } from "../../domain/log/tile.ts";
import { append, EMPTY_TREE, leafHash, TILE_WIDTH } from "../../domain/log/tree.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import { EMPTY_LINE, TICK_MS, type LineState } from "../../domain/queue/admission.ts";
import type { QueueSettings } from "../../domain/queue/settings.ts";
import type { LaneBatch, LaneReply } from "../../durable-objects/lane-batch.ts";
import { LogStore } from "../../durable-objects/log-store.ts";
import { QueueSequencer, type SequencerEnv } from "../../durable-objects/queue-sequencer.ts";
import { ManualRuntime } from "../../test/system/support/manual-runtime.ts";
import { keyText, level, NOON_MS, queueSettings } from "../../test/system/support/samples.ts";
import { accepted, answered, endlessControl, FAR_MS, type Step, type World } from "./world.ts";

export const SALE_ID = "01JDROPDROPDROPDROPDROPDRO";
/** Numbers of the filled line that nobody has invited yet, invited ones that are silent, and those inside. */
const WAITING = 2_000;
const SILENT = 4_000;
const INSIDE = 2_000;
/** Joins, claims or purchases that come together, and numbers that one tick of the filled line invited. */
const TOGETHER = 25;
/** Purchases of one report. */
const BOUGHT = 10;
/** Tickets are rounded up to this: of every 32nd join the log tells the estimate, and ticks invited 25 each. */
const ALIGNED = 800;
/** Entries of one row of the filled log. */
const ROW_ENTRIES = 75;
/** Where a filled log ends within a tile of the second level, so that turns cross the same borders in logs of every size. */
const LOG_OFFSET = 40;
/** Time for joins to be numbered. */
const ORDER_MS = 20;
const SESSION_SECONDS = 3_600;
/** Those inside came this long ago: their passes may be renewed. */
const INSIDE_FOR_MS = 2_000_000;

/** One sale's line in which so many have joined. */
export class LineWorld implements World {
  readonly storage: DurableObjectStorage;
  readonly runtime = new ManualRuntime();
  readonly sequencer: QueueSequencer;
  readonly #tickets: number;
  #laneSeq: number;
  #inside = 0;
  #reports = 1;

  private constructor(state: DurableObjectState, tickets: number) {
    this.storage = state.storage;
    this.sequencer = new QueueSequencer(state, environment(), this.runtime);
    this.#tickets = Math.ceil(tickets / ALIGNED) * ALIGNED;
    this.#laneSeq = this.#tickets;
  }

  /** A line that runs: most have had their turn, the others wait, are invited or inside. */
  static async open(state: DurableObjectState, tickets: number): Promise<LineWorld> {
    const world = await LineWorld.#opened(state, tickets, {}, endlessControl());
    await world.#fillClaims();
    // From now on a tick comes at the end of every turn.
    world.sequencer.board();
    await world.runtime.advance(TICK_MS);
    return world;
  }

  /** A line before its start that will draw the places of all who have entered. */
  static openEarly(state: DurableObjectState, tickets: number): Promise<LineWorld> {
    const control = endlessControl({ startsAtMs: NOON_MS + 60_000 });
    const queue = { shuffleAtStart: true, prequeueStartsAtMs: NOON_MS - 60_000 };
    return LineWorld.#opened(state, tickets, queue, control);
  }

  static async #opened(
    state: DurableObjectState,
    tickets: number,
    changes: Partial<QueueSettings>,
    control: SaleControl,
  ): Promise<LineWorld> {
    const world = new LineWorld(state, tickets);
    const queue = queueSettings({
      reorderWindowMs: 0,
      totalActiveUsers: 10_000,
      sessionDurationSeconds: SESSION_SECONDS,
      claimSeconds: SESSION_SECONDS,
      ...changes,
    });
    const definition = { saleId: SALE_ID, queue };
    const levels = [level(10_000_000), level(1_000, 0, 0, "case")];
    const { sequencer, runtime, storage } = world;
    accepted(await answered(runtime, sequencer.create(definition, control, levels)));
    storage.sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO place (lane, lane_seq, number, stamp_ms, log_index) SELECT 0, i, i, ?, 3 * i FROM n`,
      world.#tickets,
      NOON_MS - INSIDE_FOR_MS,
    );
    await fillLog(storage, world.#tickets);
    world.#writeLine({ lastNumber: world.#tickets });
    return world;
  }

  async #fillClaims(): Promise<void> {
    const { sql } = this.storage;
    const cursor = this.#tickets - WAITING;
    const claimed = cursor - SILENT;
    const inside = claimed - INSIDE;
    const cameAtMs = NOON_MS - INSIDE_FOR_MS;
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO claim (number, asked_at_ms, claimed_at_ms, expires_at_ms, ended)
       SELECT i, ?2, ?2, ?2 + ?3, CASE WHEN i <= ?4 THEN 'finished' END FROM n`,
      claimed,
      cameAtMs,
      SESSION_SECONDS * 1_000,
      inside,
    );
    // One row a tick that invited somebody; of the silent ones a few are still open.
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i * ?2 < ?1)
       INSERT INTO invitation (last_number, first_number, at_ms, answered, lapsed)
       SELECT i * ?2, (i - 1) * ?2 + 1, ?3, CASE WHEN i * ?2 <= ?4 THEN ?2 ELSE 0 END, i * ?2 <= ?4 FROM n`,
      cursor,
      TOGETHER,
      NOON_MS - 1_000,
      claimed,
    );
    await this.storage.sync();
    this.#inside = inside;
    const granted = claimed;
    this.#writeLine({
      lastNumber: this.#tickets,
      cursor,
      inside: INSIDE,
      granted,
      openInvitations: SILENT,
      lastTickAtMs: NOON_MS,
    });
  }

  #writeLine(line: Partial<LineState>): void {
    this.storage.sql.exec("UPDATE sale SET line = ?", JSON.stringify({ ...EMPTY_LINE, ...line }));
  }

  async turn(turn: number, step: Step): Promise<void> {
    await step("join", () => this.#join(1));
    await step(`${TOGETHER} joins in one batch`, () => this.#join(TOGETHER));
    await step("join, sent again", () => this.#join(1, this.#laneSeq - 1));
    const first = this.#tickets - WAITING - SILENT + 1 + turn * (1 + TOGETHER);
    await step("claim", () => this.#submit({ claims: [first] }));
    await step("claim, asked again", () => this.#submit({ claims: [first] }));
    const numbers = Array.from({ length: TOGETHER }, (_, index) => first + 1 + index);
    await step(`${TOGETHER} claims in one batch`, () => this.#submit({ claims: numbers }));
    await step("leave", () => this.#submit({ departures: [first + 2] }));
    const expiresAtMs = NOON_MS - INSIDE_FOR_MS + SESSION_SECONDS * 1_000;
    const renewals = [{ number: this.#inside + 1 + turn, expiresAtMs }];
    await step("pass renewed", () => this.#submit({ renewals }));
    await step(`report of an item, ${BOUGHT} have bought`, () => this.#report());
    await step("board", async () => this.sequencer.board(), "changes nothing");
    await step("tick", () => this.runtime.advance(TICK_MS - 3 * ORDER_MS));
    const checkpoint = async () => this.sequencer.checkpoint();
    await step("checkpoint of the log", checkpoint, "changes nothing");
    const tile = { level: 0, tile: 1, width: TILE_WIDTH };
    await step("tile of the log", async () => this.sequencer.tile(tile), "changes nothing");
    const entries = async () => this.sequencer.logEntries(1_000, 500);
    await step("entries of the log", entries, "changes nothing");
  }

  /** The start with everything that it brings, as the first who asks finds it. */
  async start(step: Step): Promise<void> {
    await this.runtime.advance(60_000);
    await step("start, by the first who asks", async () => this.sequencer.board());
    await step("first tick", () => this.runtime.advance(TICK_MS));
  }

  #join(count: number, after = this.#laneSeq): Promise<LaneReply> {
    this.#laneSeq = Math.max(this.#laneSeq, after + count);
    const arrivedAtMs = this.runtime.now();
    const joins = Array.from({ length: count }, (_, index) => {
      const laneSeq = after + 1 + index;
      return { laneSeq, arrivedAtMs, binding: logBinding(SALE_ID, `shopper-${laneSeq}`) };
    });
    return this.#submit({ joins }, ORDER_MS);
  }

  async #submit(batch: Partial<LaneBatch>, ms = 0): Promise<LaneReply> {
    const call = this.sequencer.submit({
      lane: 0,
      joins: [],
      claims: [],
      departures: [],
      ...batch,
    });
    return accepted(await answered(this.runtime, call, ms));
  }

  async #report(): Promise<void> {
    this.#reports += 1;
    const first = this.#inside + INSIDE + 1 - BOUGHT * (this.#reports - 1);
    const finished = Array.from({ length: BOUGHT }, (_, index) => ({
      number: first + index,
      units: 1,
    }));
    const { runtime, sequencer } = this;
    const sku = level(10_000_000, this.#reports);
    const report = { saleId: SALE_ID, sku: "phone", sequence: this.#reports, level: sku, finished };
    accepted(await answered(runtime, sequencer.report(report)));
  }
}

/** Writes the log that so many tickets lead to: joined, let in, bought. */
async function fillLog(storage: DurableObjectStorage, tickets: number): Promise<void> {
  const log = new LogStore(storage);
  let tree = log.state()?.tree ?? EMPTY_TREE;
  const period = TILE_WIDTH ** 2;
  const wanted = 3 * tickets + tree.size;
  const size = Math.ceil((wanted - LOG_OFFSET) / period) * period + LOG_OFFSET;
  const atMs = NOON_MS - INSIDE_FOR_MS;
  while (tree.size < size) {
    const texts = Array.from({ length: Math.min(ROW_ENTRIES, size - tree.size) }, (_, index) =>
      entryText(SALE_ID, atMs, eventOf(tree.size + index, atMs)),
    );
    const packed = packTexts(texts);
    const hashes = unpackEntries(packed).map(leafHash);
    log.writeEntries(tree.size, packed, hashes);
    const { tree: after, tiled } = append(tree, hashes);
    for (const hash of tiled) log.writeTileHash(hash);
    tree = after;
    if (tree.size % (200 * ROW_ENTRIES) < ROW_ENTRIES) await storage.sync();
  }
  log.writeState({ tree, atMs, stampMs: atMs });
  log.writeHead({ size: tree.size, head: leafHash(new Uint8Array(1)), atMs, kid: "l1" });
  await storage.sync();
}

function eventOf(index: number, atMs: number): LogEvent {
  const number = Math.ceil(index / 3);
  if (index % 3 === 1) {
    const binding = "0123456789abcdef".repeat(4);
    return { kind: "joined", number, arrivedAtMs: atMs, stampMs: atMs, binding };
  }
  if (index % 3 === 2) return { kind: "granted", number, expiresAtMs: FAR_MS };
  return { kind: "over", number, how: "finished" };
}

function environment(): SequencerEnv {
  return {
    LEDGER_QUEUE: { send: () => Promise.resolve() },
    LOG_KEYS: keyText("l1", 1),
    LOG_SHOP: "ropeline.example",
  } as unknown as SequencerEnv;
}
