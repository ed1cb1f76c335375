import { DurableObject } from "cloudflare:workers";
import { encodeBase64url } from "../domain/base64url.ts";
import type { FairnessHead, SaleFairness } from "../domain/fairness/report.ts";
import { parseLogKeys } from "../domain/log/note.ts";
import { logTerms } from "../domain/log/terms.ts";
import type { TileName } from "../domain/log/tile.ts";
import type { Board } from "../domain/queue/board.ts";
import { editionOf, nextTurnMs } from "../domain/queue/live.ts";
import { BATCH_SLOW_MS } from "../domain/queue/pace.ts";
import type { LiveControls } from "../domain/queue/settings.ts";
import { hasClosed, newShuffle, notNumbered } from "../domain/queue/shuffle.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import {
  applySaleCommand,
  type SaleCommand,
  type SaleControl,
  type StockLevel,
} from "../domain/purchase/sale.ts";
import { changeControl, revokeNumber, type SaleChanges } from "../domain/purchase/sale-changes.ts";
import { NOBODY, type Actor } from "../domain/books/actor.ts";
import type { ChainHead, ChainPage } from "../domain/books/chain.ts";
import type { SaleTrailType } from "../domain/books/trail.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { boardOf } from "./board-of.ts";
import { Calls } from "./calls.ts";
import { ChangeFeed, PARKED_MAX_MS } from "./change-feed.ts";
import { ControlDesk, type ControlAnswer } from "./control-desk.ts";
import { Draws } from "./draws.ts";
import { GroupCommit } from "./group-commit.ts";
import { JoinBook, type DueJoin, type GivenNumber } from "./join-book.ts";
import { JoinIntake } from "./join-intake.ts";
import { systemRuntime, type Runtime, type Timer } from "./runtime.ts";
import type { LaneBatch, LaneReply } from "./lane-batch.ts";
import { LineBook } from "./line-book.ts";
import { SaleLog, type LogPage } from "./sale-log.ts";
import { SaleTrail } from "./sale-trail.ts";
import { statsOf, type SequencerStats } from "./sequencer-stats.ts";
import { SequencerStore, type LineDefinition, type LineRecord } from "./sequencer-store.ts";
import type { SkuReport } from "./sku-outbox.ts";
import { wakePlan } from "./wake-plan.ts";

/** 256 bits: ties are broken by a keyed hash. */
const TIE_KEY_BYTES = 32;
/** 256 bits: nobody guesses the seed from its hash. */
const SEED_BYTES = 32;

/** The bindings that the object uses. */
export type SequencerEnv = Pick<WaitingRoomEnv, "LEDGER_QUEUE" | "LOG_KEYS" | "LOG_SHOP">;

/**
 * The single writer of a sale's line: numbers, cursor, claims and the sale's control. It invites from
 * a tick of its own, so that an abandoned head never holds the line up.
 */
export class QueueSequencer extends DurableObject<SequencerEnv> {
  readonly #runtime: Runtime;
  readonly #store: SequencerStore;
  readonly #log: SaleLog;
  readonly #trail: SaleTrail;
  readonly #joins: JoinIntake;
  readonly #book: LineBook;
  readonly #desk: ControlDesk;
  readonly #draws: Draws;
  readonly #clock: AlarmClock;
  readonly #calls = new Calls();
  readonly #commits: GroupCommit;
  readonly #feed: ChangeFeed;
  #tickTimer: Timer | null = null;
  /** What the timer was set to. */
  #tickMs = 0;
  /** Whether anybody was admitted at the last tick. */
  #isOpen = true;

  constructor(ctx: DurableObjectState, env: SequencerEnv, runtime: Runtime = systemRuntime) {
    super(ctx, env);
    this.#runtime = runtime;
    const { storage } = ctx;
    const { LOG_KEYS, LOG_SHOP } = env;
    this.#store = new SequencerStore(storage);
    this.#log = new SaleLog({ storage, runtime, shop: LOG_SHOP, keys: parseLogKeys(LOG_KEYS) });
    this.#book = new LineBook(this.#store, this.#log);
    this.#draws = new Draws(this.#store, this.#log);
    this.#clock = new AlarmClock(storage, runtime);
    this.#trail = new SaleTrail(this.#store, {
      storage,
      runtime,
      log: this.#log,
      clock: this.#clock,
      send: (page) => env.LEDGER_QUEUE.send(page),
    });
    this.#desk = new ControlDesk(this.#store, this.#trail, this.#log);
    this.#feed = new ChangeFeed(runtime);
    const after = (): void => this.#wake();
    const before = (nowMs: number): void => this.#turn(nowMs);
    this.#commits = new GroupCommit({ storage: this.#log, runtime, before, after });
    const joins = new JoinBook(this.#store, this.#log, () => this.#board());
    // In a transaction of its own: joins never wait behind other commands.
    const number = (due: DueJoin[]): GivenNumber[] => {
      this.#begin();
      return this.#log.transactionSync(() => joins.number(due));
    };
    this.#joins = new JoinIntake({ runtime, number, after });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#clock.load();
      // What was taken over just now has no alarm yet.
      this.#trail.wake();
    });
  }

  /** Opens the line of a sale, once; a repeat gives back the control as it stands. */
  create(
    definition: LineDefinition,
    control: SaleControl,
    levels: StockLevel[],
    by: Actor = NOBODY,
  ): Promise<ControlAnswer> {
    this.#calls.count("system.create");
    return this.#commits.run((nowMs) => {
      const record = this.#store.read();
      if (record) return { ok: true, control: record.control } as const;
      const tieKey = encodeBase64url(this.#runtime.randomBytes(TIE_KEY_BYTES));
      const secret = encodeBase64url(this.#runtime.randomBytes(SEED_BYTES));
      const shuffle = newShuffle(definition.queue, secret);
      this.#store.create(definition, control, levels, tieKey, shuffle);
      const stock = Object.fromEntries(levels.map(({ sku, stock }) => [sku, stock]));
      const terms = logTerms(definition.queue, control, shuffle);
      this.#log.open(definition.saleId, { kind: "opened", terms });
      this.#trail.write("created", { definition, control, stock }, by, nowMs);
      this.#trail.turn(nowMs);
      return { ok: true, control } as const;
    });
  }

  /** Applies an admin's command to the sale's control. */
  command(command: SaleCommand, by: Actor = NOBODY): Promise<ControlAnswer> {
    this.#calls.count("admin.command");
    const conflict = refuse("order_state_conflict", { detail: `The sale cannot ${command} now.` });
    return this.#decide(
      "commanded",
      { command },
      by,
      ({ control }, nowMs) => applySaleCommand(control, command, nowMs) ?? conflict,
    );
  }

  /** Moves the sale's start or end, or schedules a draft. */
  change(changes: SaleChanges, by: Actor = NOBODY): Promise<ControlAnswer> {
    this.#calls.count("admin.change");
    return this.#decide("changed", changes, by, ({ control, shuffle }, nowMs) =>
      changeControl(control, changes, hasClosed(shuffle), nowMs),
    );
  }

  /** Changes how the line is led from now on; whoever has a pass keeps it. A repeat changes nothing. */
  adjust(
    changes: Partial<LiveControls>,
    by: Actor = NOBODY,
  ): Promise<{ ok: true; controls: LiveControls } | Refusal> {
    this.#calls.count("admin.adjust");
    return this.#commits.run((nowMs) =>
      this.#desk.adjust(changes, by, nowMs, () => this.#book.observe(nowMs)),
    );
  }

  /** Takes a place or a pass back, once; the items hear of it with the sale's control. */
  revoke(number: number, by: Actor = NOBODY): Promise<ControlAnswer> {
    this.#calls.count("admin.revoke");
    return this.#decide(
      "revoked",
      { revoke: number },
      by,
      ({ control, line, shuffle }) =>
        notNumbered(number, line.lastNumber, shuffle) ?? revokeNumber(control, number),
      (nowMs) => this.#book.revoke(number, nowMs),
    );
  }

  /** Takes in the public value that the sale has named, once: the draw that waits for it can be settled. */
  bringRandomness(value: string, by: Actor = NOBODY): Promise<{ ok: true } | Refusal> {
    this.#calls.count("admin.randomness");
    return this.#commits.run((nowMs) =>
      this.#draws.bring(value, (it) => this.#trail.write("randomness_brought", it, by, nowMs)),
    );
  }

  /** The sale's chain after a sequence, a page at a time. */
  chain(after: number): ChainPage {
    this.#calls.count("books.chain");
    return this.#trail.page(after, this.ctx.id.name ?? "");
  }

  /** Where the sale's chain stands; `null` before it is created. */
  head(): ChainHead | null {
    this.#calls.count("books.head");
    return this.#trail.head();
  }

  /** The projection has written these entries of the chain. */
  acked(fromSequence: number, throughSequence: number): void {
    this.#calls.count("books.acked");
    this.#trail.acked(fromSequence, throughSequence);
  }

  /** Takes a lane's batch and answers when its joins are numbered and its claims judged. */
  async submit(batch: LaneBatch): Promise<LaneReply | Refusal> {
    this.#calls.count("lane.submit");
    this.#calls.count("lane.joins", batch.joins.length);
    this.#calls.count("lane.claims", batch.claims.length);
    const record = this.#store.read();
    if (!record) return refuse("not_found");
    const { lane, claims, departures, renewals = [] } = batch;
    if (!this.#joins.hasRoomFor(batch.joins.length))
      return refuse("busy", { retryAfterSeconds: 1 });
    const judged =
      claims.length + departures.length + renewals.length > 0
        ? this.#commits.run((nowMs) => this.#book.judge({ claims, departures, renewals }, nowMs))
        : [];
    const numbered = batch.joins.map((join) => this.#joins.hold({ lane, ...join }, record));
    const [grants, numbers] = await Promise.all([judged, Promise.all(numbered)]);
    if ("ok" in grants) return grants;
    const checkpoint = numbers.length === 0 ? undefined : this.#log.checkpoint()?.note;
    return { ok: true, numbers, grants, checkpoint };
  }

  /** Hears an item's counters and the places that came back; answers with the sale's control. */
  report(report: SkuReport): Promise<ControlAnswer> {
    this.#calls.count("sku.report");
    return this.#commits.run((nowMs) => {
      const record = this.#store.read();
      if (!record) return refuse("not_found");
      const { level, sequence, list } = report;
      const { version, ...listed } = list ?? { version: 0 };
      this.#store.writeLevel({ ...level, ...listed }, sequence, version);
      this.#book.observe(nowMs);
      this.#book.finish(report.finished, nowMs);
      if ((report.batchAgeMs ?? 0) > BATCH_SLOW_MS) this.#book.slowDown(nowMs);
      return { ok: true, control: record.control } as const;
    });
  }

  /** What everyone may know now; `null` before the sale is created. */
  board(): Board | null {
    this.#calls.count("board");
    this.#begin();
    this.#wake();
    return this.#board();
  }

  /**
   * The board once its edition is newer than `edition`, at most four times a second; after 20 s, or
   * when the clock turns the sale, as it is then. `null` before the sale is created.
   */
  async next(watcher: string, edition: number): Promise<Board | null> {
    this.#calls.count("live.next");
    this.#begin();
    this.#wake();
    const record = this.#store.read();
    if (!record) return null;
    const { prequeueStartsAtMs } = record.definition.queue;
    const nowMs = this.#runtime.now();
    const turnMs = nextTurnMs({ ...record.control, prequeueStartsAtMs }, nowMs);
    await this.#feed.wait(watcher, edition, Math.min(turnMs, nowMs + PARKED_MAX_MS));
    this.#begin();
    return this.#board();
  }

  /** Answers a watcher's parked call: nobody is left to tell. */
  unwatch(watcher: string): void {
    this.#feed.release(watcher);
  }

  #board(): Board | null {
    const record = this.#store.read();
    if (!record) return null;
    const nowMs = this.#runtime.now();
    return boardOf(record, this.#store.levels(), this.#book.flow(record, nowMs), nowMs);
  }

  /** The newest checkpoint of the sale's log, signed; `null` where there is none. */
  checkpoint(): string | null {
    this.#calls.count("log.checkpoint");
    return this.#log.checkpoint()?.note ?? null;
  }

  /** The bytes of a tile that some checkpoint covers; `null` for every other. */
  tile(name: TileName): Uint8Array | null {
    this.#calls.count("log.tile");
    return this.#log.tile(name);
  }

  /** Entries of the sale's log from `first` on that a checkpoint covers, a page at most. */
  logEntries(first: number, count: number): LogPage | null {
    this.#calls.count("log.entries");
    return this.#log.entries(first, count);
  }

  /** Where the log stands, and the final report once it was brought to be kept; `null` where there is no log. */
  fairness(final?: SaleFairness): FairnessHead | null {
    this.#calls.count("log.fairness");
    if (final) this.#store.writeFairness(final);
    const checkpoint = this.#log.checkpoint();
    return checkpoint && { checkpoint, kept: this.#store.fairness() };
  }

  /** Counters and calls, for admins; `null` when there is no such sale. */
  stats(): SequencerStats | null {
    this.#calls.count("admin.stats");
    const { commits } = this.#commits.counts;
    const counts = { calls: this.#calls.snapshot(), commits, parked: this.#feed.size };
    return statsOf(this.#store, counts, this.#runtime.now());
  }

  override alarm(): void {
    this.#clock.fired();
    this.#tick();
  }

  #decide(
    type: SaleTrailType,
    action: object,
    by: Actor,
    decide: (record: LineRecord, nowMs: number) => SaleControl | Refusal,
    written = (nowMs: number): void => {
      this.#draws.close(nowMs);
      this.#book.observe(nowMs);
    },
  ): Promise<ControlAnswer> {
    return this.#commits.run((nowMs) =>
      this.#desk.decide(type, action, by, nowMs, decide, () => written(nowMs)),
    );
  }

  /** What time has brought is judged on every event: no alarm has to come in time. */
  #begin(): void {
    this.#log.transactionSync(() => this.#turn(this.#runtime.now()));
    this.#draws.reveal();
  }

  #turn(nowMs: number): void {
    this.#trail.turn(nowMs);
    this.#draws.close(nowMs);
  }

  #tick(): void {
    const nowMs = this.#runtime.now();
    const open = this.#log.transactionSync(() => {
      this.#turn(nowMs);
      return this.#book.tick(nowMs);
    });
    this.#isOpen = open;
    this.#wake();
  }

  /** Keeps ticks coming while anyone waits or is inside, and an alarm for the sale's start and end. */
  #wake(): void {
    this.#draws.reveal();
    const record = this.#store.read();
    if (!record) return;
    const { control, version } = record;
    const { prequeueStartsAtMs } = record.definition.queue;
    const nowMs = this.#runtime.now();
    this.#trail.wake();
    this.#feed.changed(editionOf({ ...control, prequeueStartsAtMs, version, asOfMs: nowMs }));
    const { alarmAtMs, tickMs } = wakePlan(record, this.#isOpen, nowMs);
    if (alarmAtMs !== null) this.#clock.armBy(alarmAtMs);
    if (tickMs !== null) this.#tickIn(tickMs);
  }

  /** Unless a tick comes as soon as that. */
  #tickIn(delayMs: number): void {
    if (this.#tickTimer !== null) {
      if (delayMs >= this.#tickMs) return;
      this.#runtime.clearTimer(this.#tickTimer);
    }
    this.#tickMs = delayMs;
    this.#tickTimer = this.#runtime.setTimer(() => {
      this.#tickTimer = null;
      this.#tick();
    }, delayMs);
  }
}
