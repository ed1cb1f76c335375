import { DurableObject } from "cloudflare:workers";
import { logBinding } from "../domain/log/note.ts";
import { JOIN_COMPANY_SHARE_OF_WINDOW, laneDelayMs, parseLaneName } from "../domain/queue/lane.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { Batcher, type Outcome } from "./batcher.ts";
import { Calls } from "./calls.ts";
import { LaneStore, type LanePlace } from "./lane-store.ts";
import type { LaneBatch, LaneReply } from "./lane-batch.ts";
import {
  askedBy,
  departureOf,
  type JoinCommand,
  type LaneCommand,
  type Step,
} from "./lane-steps.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";
import type { WaitingJoin } from "./waiting-joins.ts";
import type { Receipt } from "../domain/log/receipt.ts";

/**
 * Joins wait until this share of the reorder window has passed since they arrived. Nobody's number comes
 * later for it, since the sequencer would hold them longer; every batch saves the disk a commit. The rest
 * of the window is for the way, and who has come a long way does not wait. What they have waited at the gateway counts
 * in it, so that is put on top: batches are those of a quarter.
 */
const JOIN_DELAY_SHARE_OF_WINDOW = 0.25 + JOIN_COMPANY_SHARE_OF_WINDOW;
const BATCH_MAX_COMMANDS = 500;
/** Commands that wait at once; more means that the object cannot keep up: 503 `busy`. */
const WAITING_MAX_COMMANDS = 5_000;
/** Joins and departures whose answer was lost are sent again after this long. */
const RESEND_MS = 5_000;
/**
 * A claim that cannot be granted yet is asked again this often, so many times, before it is answered: a
 * place that comes back within a second is filled without another poll.
 */
const CLAIM_AGAIN_MS = 200;
const CLAIM_ASKS_MAX = 5;

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
  /** Proof that the join is in the sale's log; nothing where there is none. */
  receipt?: Receipt | undefined;
}

/** What became of a join. */
type Told = Outcome<PlaceAnswer | Refusal>;

/** A join, its shopper's place before it, and what it was told so far. */
interface Try {
  join: JoinCommand;
  place: LanePlace | undefined;
  told: Told | null;
}

const BUSY = refuse("busy", { retryAfterSeconds: 1 });
const DRAINING: Told = {
  ok: true,
  value: refuse("sale_ended", { detail: "The line takes nobody new any more." }),
};

/** What a batch finds in the lane, and what its commands have made of it. */
interface Known {
  places: Map<string, LanePlace>;
  waiting: Map<string, WaitingJoin>;
  laneSeq: number;
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
  #windowMs = 0;

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
      delayMs: (command) =>
        Math.max(
          laneDelayMs(this.#lanes),
          command.kind === "join" ? this.#joinDelayMs(command.arrivedAtMs) : 0,
        ),
      batchMax: BATCH_MAX_COMMANDS,
      waitingMax: WAITING_MAX_COMMANDS,
      apply: (commands) => this.#apply(commands),
    });
    void ctx.blockConcurrencyWhile(() => this.#clock.load());
  }

  /**
   * Gives the shopper a place, or the one they have. One that was left is replaced once the sequencer knows, and a
   * lapsed or expired one if the sale lets people come back; while the line is draining nobody gets a new one.
   */
  async join(
    binding: string,
    arrivedAtMs: number,
    lanes: number,
    isDraining = false,
    mayRejoin = true,
    reorderWindowMs = 0,
  ): Promise<PlaceAnswer | Refusal> {
    const join = { binding, arrivedAtMs, lanes, isDraining, mayRejoin, reorderWindowMs };
    const [outcome] = await this.joinMany([join]);
    if (outcome?.ok === false) throw outcome.error;
    return outcome?.value ?? BUSY;
  }

  /** The same for those that come in one call: what became of each, in their order. */
  async joinMany(joins: JoinCommand[]): Promise<Told[]> {
    this.#calls.count("shopper.join", joins.length);
    const places = this.#store.places(joins.map(({ binding }) => binding));
    const tries = joins.map((join): Try => {
      const place = places.get(join.binding);
      return { join, place, told: this.#toldAtOnce(join, place) };
    });
    const open = tries.filter(({ told }) => told === null);
    await this.#tryAll(open);
    // The first try of these told that the place before was left.
    await this.#tryAll(
      open.filter(
        ({ place, told }) => place?.isUntold === true && told?.ok === true && !told.value.ok,
      ),
    );
    return tries.map(({ told }) => told ?? { ok: true, value: BUSY });
  }

  /**
   * Asks for the pass of an invited number; a granted one is answered from the lane's own row. While
   * there is no room the call is held for about a second, and answered as soon as there is. Not so while
   * the line stands (`isHalted`): all who are invited would ask five times as often, and in vain.
   */
  async claim(binding: string, number: number, isHalted = false): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.claim");
    const asksMax = isHalted ? 1 : CLAIM_ASKS_MAX;
    for (let asks = 1; ; asks++) {
      const place = this.#store.place(binding);
      if (!place) return this.#unplaced(binding);
      if (place.number !== number || place.state !== "placed") return this.#answer(place, false);
      const answer = await this.#run({ kind: "claim", binding, number });
      if (!answer.ok || answer.state !== "placed" || asks >= asksMax) return answer;
      await this.#pause(CLAIM_AGAIN_MS);
    }
  }

  /** Renews the pass of a number, fenced by the end that its shopper knows; a repeat renews once. */
  async renew(
    binding: string,
    number: number,
    expiresAtMs: number,
  ): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.renew");
    const place = this.#store.place(binding);
    if (!place) return this.#unplaced(binding);
    const isKnown = place.number === number && place.expiresAtMs === expiresAtMs;
    if (!isKnown || place.state !== "granted") return this.#answer(place, false);
    return this.#run({ kind: "renew", binding, number, expiresAtMs });
  }

  /** Gives the place up. One that is over stays as it is: leaving it would give the right to another. */
  async leave(binding: string, number: number): Promise<PlaceAnswer | Refusal> {
    this.#calls.count("shopper.leave");
    const place = this.#store.place(binding);
    if (place?.number !== number) return refuse("ticket_invalid");
    if (this.#isOver(place)) return this.#answer(place, false);
    return this.#run({ kind: "leave", binding, number });
  }

  /** What the lane served since it woke, for admins. */
  stats(): Record<string, number> {
    return this.#calls.snapshot();
  }

  override async alarm(): Promise<void> {
    this.#clock.fired();
    const waiting = this.#store.waiting.oldest(BATCH_MAX_COMMANDS);
    const departures = this.#store.untoldDepartures(BATCH_MAX_COMMANDS);
    if (waiting.length + departures.length === 0) return;
    this.#clock.armBy(this.#runtime.now() + RESEND_MS);
    const lost = waiting.filter(({ laneSeq }) => !this.#inFlight.has(laneSeq));
    const steps = [
      ...lost.map((join): Step => ({ binding: join.binding, join })),
      ...departures.map(departureOf),
    ];
    if (steps.length > 0) await this.#submit(steps);
  }

  /** What a join is told without the sequencer; `null`: it is for a new number. */
  #toldAtOnce(join: JoinCommand, place?: LanePlace): Told | null {
    const { binding, isDraining, lanes, mayRejoin, reorderWindowMs } = join;
    this.#lanes = lanes;
    this.#windowMs = reorderWindowMs;
    if (place && this.#stands(place, mayRejoin))
      return { ok: true, value: this.#joined(place, false) };
    return isDraining && !this.#store.waiting.has(binding) ? DRAINING : null;
  }

  async #tryAll(tries: Try[]): Promise<void> {
    if (tries.length === 0) return;
    const told = await this.#batcher.runAll(tries.map(({ join }) => ({ kind: "join", ...join })));
    for (const [index, one] of tries.entries()) one.told = told[index] ?? null;
  }

  async #run(command: LaneCommand): Promise<PlaceAnswer | Refusal> {
    return this.#batcher.run(command) ?? BUSY;
  }

  async #apply(commands: LaneCommand[]): Promise<Outcome<PlaceAnswer | Refusal>[]> {
    const steps = this.ctx.storage.transactionSync(() => this.#prepareAll(commands));
    const refusal = await this.#submit(steps);
    const places = this.#store.places(commands.map(({ binding }) => binding));
    return steps.map((step, index) => {
      const isJoin = commands[index]?.kind === "join";
      return { ok: true, value: refusal ?? this.#outcome(step, places, isJoin) };
    });
  }

  /** The lane's own part of a batch, stored before anything is sent. */
  #prepareAll(commands: LaneCommand[]): Step[] {
    const bindings = commands.map(({ binding }) => binding);
    const joins = commands.flatMap(({ kind, binding }) => (kind === "join" ? [binding] : []));
    const known: Known = {
      places: this.#store.places(bindings),
      waiting: joins.length > 0 ? this.#store.waiting.of(joins) : new Map<string, WaitingJoin>(),
      laneSeq: this.#store.laneSeq(),
    };
    const steps = commands.map((command) => this.#prepare(command, known));
    this.#store.writeWaiting(steps.flatMap(({ first, join }) => (first && join ? [join] : [])));
    return steps;
  }

  /** The lane's own part of a command; `known` is what the commands before it have made of the lane. */
  #prepare(command: LaneCommand, known: Known): Step {
    const { binding } = command;
    const place = known.places.get(binding);
    switch (command.kind) {
      case "join": {
        const waiting = known.waiting.get(binding);
        if (waiting) return { binding, join: waiting };
        if (place && this.#stands(place, command.mayRejoin)) return { binding };
        // A new place is written over it, and nobody would tell the sequencer any more.
        if (place?.isUntold === true) return departureOf(place);
        known.laneSeq += 1;
        const { arrivedAtMs } = command;
        const join = { binding, laneSeq: known.laneSeq, arrivedAtMs };
        known.waiting.set(binding, join);
        return { binding, first: true, join };
      }
      case "claim":
        return place?.state === "placed" ? { binding, claim: command.number } : { binding };
      case "leave":
        this.#store.writeDeparture(binding, command.number);
        if (place?.number === command.number)
          known.places.set(binding, { ...place, state: "left", isUntold: true });
        return { binding, departure: command.number };
      case "renew": {
        const { number, expiresAtMs } = command;
        return place?.state === "granted"
          ? { binding, renewal: { number, expiresAtMs } }
          : { binding };
      }
    }
  }

  /** Sends what the steps ask of the sequencer and stores the reply. */
  async #submit(steps: Step[]): Promise<Refusal | null> {
    const asked = askedBy(steps);
    if (!asked) return null;
    const { joins, claims, departures, renewals, judged } = asked;
    if (joins.length + departures.size > 0) this.#clock.armBy(this.#runtime.now() + RESEND_MS);
    const reply = await this.#send({
      lane: this.#lane,
      joins: joins.map(({ binding, laneSeq, arrivedAtMs }) => ({
        laneSeq,
        arrivedAtMs,
        binding: logBinding(this.#saleId, binding),
      })),
      claims,
      departures: [...departures],
      renewals,
    });
    if (!reply.ok) return reply;
    this.ctx.storage.transactionSync(() => this.#writeReply(reply, departures, judged));
    // In this very turn: numbers of the joins before and joins without one become one commit.
    if (reply.numbers.length > 0) this.#batcher.flush();
    return null;
  }

  #writeReply(
    { numbers, grants, checkpoint }: LaneReply,
    departures: ReadonlySet<number>,
    judged: ReadonlyMap<number, string>,
  ): void {
    this.#store.writeNumbers(numbers, checkpoint);
    for (const number of departures) this.#store.markTold(number);
    for (const { number, grant } of grants) {
      const binding = judged.get(number);
      if (binding === undefined || grant.state === "waiting") continue;
      if (grant.state === "granted")
        this.#store.writeGrant(binding, number, grant.claimedAtMs, grant.expiresAtMs);
      else this.#store.writeState(binding, number, grant.state);
    }
  }

  async #send(batch: LaneBatch): Promise<LaneReply | Refusal> {
    for (const { laneSeq } of batch.joins) this.#inFlight.add(laneSeq);
    try {
      return await this.env.QUEUE_SEQUENCER.getByName(this.#saleId).submit(batch);
    } finally {
      for (const { laneSeq } of batch.joins) this.#inFlight.delete(laneSeq);
    }
  }

  #outcome(step: Step, places: Map<string, LanePlace>, isJoin: boolean): PlaceAnswer | Refusal {
    const place = places.get(step.binding);
    if (!place) return this.#unplaced(step.binding);
    const isOlder = step.join !== undefined && place.laneSeq < step.join.laneSeq;
    if (isOlder || (isJoin && step.departure !== undefined)) return BUSY;
    return isJoin ? this.#joined(place, step.first ?? false) : this.#answer(place, false);
  }

  /** Whether a place is the shopper's for good: not left, nor lapsed or expired with the right to another. */
  #stands({ state, expiresAtMs }: LanePlace, mayRejoin: boolean): boolean {
    if (state === "left") return false;
    if (!mayRejoin || state === "placed" || state === "revoked") return true;
    return state === "granted" && this.#runtime.now() < (expiresAtMs ?? 0);
  }

  #joinDelayMs(arrivedAtMs: number): number {
    const shareMs = JOIN_DELAY_SHARE_OF_WINDOW * this.#windowMs;
    // A clock ahead of this one must not hold a join for longer than the share.
    return Math.min(arrivedAtMs - this.#runtime.now(), 0) + shareMs;
  }

  /** Whether a place has come to its end without having been left. */
  #isOver({ state, expiresAtMs }: LanePlace): boolean {
    if (state === "granted") return this.#runtime.now() >= (expiresAtMs ?? 0);
    return state === "lapsed" || state === "revoked";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#runtime.setTimer(resolve, ms);
    });
  }

  /** The answer to a join: with what proves it, the same each time. */
  #joined(place: LanePlace, first: boolean): PlaceAnswer {
    const answer = this.#answer(place, first);
    const receipt = this.#store.receipt(place);
    return receipt ? { ...answer, receipt } : answer;
  }

  /** The refusal of somebody who has no place yet. */
  #unplaced(binding: string): Refusal {
    return this.#store.waiting.has(binding) ? BUSY : refuse("ticket_invalid");
  }

  #answer(place: LanePlace, first: boolean): PlaceAnswer {
    const { number, arrivedAtMs, state, claimedAtMs, expiresAtMs } = place;
    const lane = this.#lane;
    return { ok: true, first, lane, number, arrivedAtMs, state, claimedAtMs, expiresAtMs };
  }
}
