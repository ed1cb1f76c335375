import { DurableObject } from "cloudflare:workers";
import { parseLaneName } from "../domain/queue/lane.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { Batcher, type Outcome } from "./batcher.ts";
import { Calls } from "./calls.ts";
import { LaneStore, type LanePlace } from "./lane-store.ts";
import type { LaneBatch, LaneReply } from "./queue-sequencer.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";

/** A micro-batch waits at least this long for company … */
const BATCH_MIN_DELAY_MS = 25;
/** … and longer with many lanes, so that the sequencer hears about 500 batches a second at most. */
const BATCH_DELAY_PER_LANE_MS = 2;
const BATCH_MAX_COMMANDS = 500;
/** Commands that wait at once; more means that the object cannot keep up: 503 `busy`. */
const WAITING_MAX_COMMANDS = 5_000;
/** Joins and departures whose answer was lost are sent again after this long. */
const RESEND_MS = 5_000;

/** The bindings that the object uses. */
export type LaneEnv = Pick<WaitingRoomEnv, "QUEUE_SEQUENCER">;

/**
 * A shopper's place, numbered. `first` tells a join that made it from one that found it. Who entered a
 * shuffled sale early has the early index for ever: the edge makes the number of it.
 */
export interface PlaceAnswer {
  ok: true;
  first: boolean;
  lane: number;
  number: number;
  arrivedAtMs: number;
  state: LanePlace["state"];
  claimedAtMs: number | null;
  expiresAtMs: number | null;
}

type LaneCommand =
  | { kind: "join"; binding: string; arrivedAtMs: number }
  | { kind: "claim" | "leave"; binding: string; number: number };

/** What a command came to in the lane's own tables, and what the sequencer has to be asked. */
interface Step {
  binding: string;
  first: boolean;
  join: LanePlace | null;
  claim: number | null;
  departure: number | null;
}

/**
 * One of a sale's lanes: keeps one place a shopper and carries joins, claims and departures to the
 * sequencer in micro-batches. What it sends is stored first, so that a lost answer is asked for again.
 */
export class QueueLane extends DurableObject<LaneEnv> {
  readonly #runtime: Runtime;
  readonly #store: LaneStore;
  readonly #clock: AlarmClock;
  readonly #calls = new Calls();
  readonly #batcher: Batcher<LaneCommand, PlaceAnswer | Refusal>;
  readonly #saleId: string;
  readonly #lane: number;
  /** Joins that wait for the sequencer's reply now: the alarm leaves them alone. */
  readonly #inFlight = new Set<number>();
  #lanes = 1;

  constructor(ctx: DurableObjectState, env: LaneEnv, runtime: Runtime = systemRuntime) {
    super(ctx, env);
    this.#runtime = runtime;
    const { saleId, lane } = parseLaneName(ctx.id.name ?? "");
    this.#saleId = saleId;
    this.#lane = lane;
    this.#store = new LaneStore(ctx.storage);
    this.#clock = new AlarmClock(ctx.storage, runtime);
    this.#batcher = new Batcher({
      runtime,
      delayMs: () => Math.max(BATCH_MIN_DELAY_MS, BATCH_DELAY_PER_LANE_MS * this.#lanes),
      batchMax: BATCH_MAX_COMMANDS,
      waitingMax: WAITING_MAX_COMMANDS,
      apply: (commands) => this.#apply(commands),
    });
    void ctx.blockConcurrencyWhile(() => this.#clock.load());
  }

  /**
   * Gives the shopper a place, or the one they have. A lapsed, expired or left one is replaced; while
   * the line is draining nobody gets a new one.
   */
  async join(
    binding: string,
    arrivedAtMs: number,
    lanes: number,
    isDraining = false,
  ): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.join");
    this.#lanes = lanes;
    const place = this.#store.place(binding);
    if (place && place.number !== null && this.#stands(place)) return this.#answer(place, false);
    if (isDraining && !(place && this.#stands(place)))
      return refuse("sale_ended", { detail: "The line takes nobody new any more." });
    return this.#run({ kind: "join", binding, arrivedAtMs });
  }

  /** Asks for the pass of an invited number; a granted one is answered from the lane's own row. */
  async claim(binding: string, number: number): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.claim");
    const place = this.#store.place(binding);
    if (!place) return refuse("ticket_invalid");
    if (place.number === null) return refuse("busy", { retryAfterSeconds: 1 });
    if (place.number !== number || place.state !== "placed") return this.#answer(place, false);
    return this.#run({ kind: "claim", binding, number });
  }

  /** Gives the place up. */
  async leave(binding: string, number: number): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.leave");
    const place = this.#store.place(binding);
    if (!place || place.number !== number) return refuse("ticket_invalid");
    return this.#run({ kind: "leave", binding, number });
  }

  /** What the lane served since it woke, for admins. */
  stats(): Record<string, number> {
    return this.#calls.snapshot();
  }

  override async alarm(): Promise<void> {
    this.#clock.fired();
    const pending = this.#store.pending(BATCH_MAX_COMMANDS);
    const departures = this.#store.untoldDepartures(BATCH_MAX_COMMANDS);
    if (pending.length + departures.length === 0) return;
    this.#clock.armBy(this.#runtime.now() + RESEND_MS);
    const lost = pending.filter((place) => !this.#inFlight.has(place.laneSeq));
    if (lost.length + departures.length > 0) await this.#submit(lost, [], departures);
  }

  async #run(command: LaneCommand): Promise<PlaceAnswer | Refusal> {
    return this.#batcher.run(command) ?? refuse("busy", { retryAfterSeconds: 1 });
  }

  async #apply(commands: LaneCommand[]): Promise<Outcome<PlaceAnswer | Refusal>[]> {
    const steps = this.ctx.storage.transactionSync(() =>
      commands.map((command) => this.#prepare(command)),
    );
    const joins = new Map<number, LanePlace>();
    const claims = new Set<number>();
    const departures = new Set<number>();
    for (const { join, claim, departure } of steps) {
      if (join) joins.set(join.laneSeq, join);
      if (claim !== null) claims.add(claim);
      if (departure !== null) departures.add(departure);
    }
    if (joins.size + departures.size > 0) this.#clock.armBy(this.#runtime.now() + RESEND_MS);
    const refusal =
      joins.size + claims.size + departures.size > 0
        ? await this.#submit([...joins.values()], [...claims], [...departures], steps)
        : null;
    return steps.map((step) => ({ ok: true, value: refusal ?? this.#outcome(step) }));
  }

  /** The lane's own part of a command, stored before anything is sent. */
  #prepare(command: LaneCommand): Step {
    const { binding } = command;
    const step: Step = { binding, first: false, join: null, claim: null, departure: null };
    const place = this.#store.place(binding);
    switch (command.kind) {
      case "join":
        if (place && this.#stands(place))
          return { ...step, join: place.number === null ? place : null };
        return {
          ...step,
          first: true,
          join: this.#store.writePending(binding, command.arrivedAtMs),
        };
      case "claim":
        return { ...step, claim: place?.state === "placed" ? command.number : null };
      case "leave":
        this.#store.writeDeparture(binding, command.number);
        return { ...step, departure: command.number };
    }
  }

  /** Sends a batch to the sequencer and stores its reply. */
  async #submit(
    joins: LanePlace[],
    claims: number[],
    departures: number[],
    steps: Step[] = [],
  ): Promise<Refusal | null> {
    const batch: LaneBatch = {
      lane: this.#lane,
      joins: joins.map(({ laneSeq, arrivedAtMs }) => ({ laneSeq, arrivedAtMs })),
      claims,
      departures,
    };
    const reply = await this.#send(batch);
    if (!reply.ok) return reply;
    const bindings = new Map(steps.map((step) => [step.claim, step.binding]));
    this.ctx.storage.transactionSync(() => {
      for (const { laneSeq, number } of reply.numbers) this.#store.writeNumber(laneSeq, number);
      for (const number of departures) this.#store.markTold(number);
      for (const { number, grant } of reply.grants) {
        const binding = bindings.get(number);
        if (binding === undefined || grant.state === "waiting") continue;
        if (grant.state === "granted")
          this.#store.writeGrant(binding, number, grant.claimedAtMs, grant.expiresAtMs);
        else this.#store.writeState(binding, number, grant.state);
      }
    });
    return null;
  }

  async #send(batch: LaneBatch): Promise<LaneReply | Refusal> {
    for (const { laneSeq } of batch.joins) this.#inFlight.add(laneSeq);
    try {
      return await this.env.QUEUE_SEQUENCER.getByName(this.#saleId).submit(batch);
    } finally {
      for (const { laneSeq } of batch.joins) this.#inFlight.delete(laneSeq);
    }
  }

  #outcome(step: Step): PlaceAnswer | Refusal {
    const place = this.#store.place(step.binding);
    return place ? this.#answer(place, step.first) : refuse("ticket_invalid");
  }

  /** Whether a place is still worth returning to: not lapsed, left or expired. */
  #stands(place: LanePlace): boolean {
    if (place.state === "granted") return this.#runtime.now() < (place.expiresAtMs ?? 0);
    return place.state === "placed";
  }

  #answer(place: LanePlace, first: boolean): PlaceAnswer | Refusal {
    const { number, arrivedAtMs, state, claimedAtMs, expiresAtMs } = place;
    if (number === null) return refuse("busy", { retryAfterSeconds: 1 });
    const lane = this.#lane;
    return { ok: true, first, lane, number, arrivedAtMs, state, claimedAtMs, expiresAtMs };
  }
}
