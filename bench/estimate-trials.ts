import {
  type AdmissionInputs,
  claimsPerSecond,
  comingShare,
  countAsk,
  countClaim,
  countDeparture,
  countLapses,
  EMPTY_LINE,
  grantable,
  type LineState,
  type OpenInvitations,
  tick,
  TICK_MS,
} from "../domain/queue/admission.ts";
import { estimateWait } from "../domain/queue/estimate.ts";
import { FLOW_EVERY_MS, flowOf, measureFlow } from "../domain/queue/flow.ts";
import { AGES_MS, ageClass } from "../domain/queue/turnout.ts";
import { seededRandom, type Random } from "../domain/random.ts";

/** A line that is drained from beginning to end, with everybody in it from the start. */
export interface Trial {
  name: string;
  shoppers: number;
  newUsersPerMinute: number;
  capacity: number;
  /** How long a shopper stays inside. */
  insideSeconds: (random: Random) => number;
  /** The share of those invited who never come. */
  noShowShare: number;
}

/** How the intervals that were shown compare with what came. */
export interface Calibration {
  name: string;
  shown: number;
  /** Shares of the intervals that held the truth, and that it missed on either side. */
  held: number;
  early: number;
  late: number;
  /** Median width, in seconds and as a share of the wait that came. */
  widthSeconds: number;
  widthShare: number;
}

const exponential =
  (meanSeconds: number) =>
  (random: Random): number =>
    -meanSeconds * Math.log(1 - random());

export const TRIALS: readonly Trial[] = [
  trial("bound by its rate, 10 a second", 3_000, 1e6, exponential(5), { newUsersPerMinute: 600 }),
  trial("capacity 50, 5 s inside", 2_000, 50, exponential(5)),
  trial("capacity 100, 30 s inside", 1_000, 100, exponential(30)),
  trial("capacity 100, just 20 s inside", 1_000, 100, () => 20),
  trial("capacity 50, 30 percent no-shows", 2_000, 50, exponential(10), { noShowShare: 0.3 }),
  trial("capacity 100, 8 s, 20 a second", 3_000, 100, exponential(8), {
    newUsersPerMinute: 1_200,
  }),
  trial("capacity 5, 20 s inside", 200, 5, exponential(20), { noShowShare: 0.1 }),
];

function trial(
  name: string,
  shoppers: number,
  capacity: number,
  insideSeconds: Trial["insideSeconds"],
  more: Partial<Trial> = {},
): Trial {
  const newUsersPerMinute = 100_000;
  return { name, shoppers, capacity, insideSeconds, newUsersPerMinute, noShowShare: 0, ...more };
}

const START_MS = 1_000_000_000_000;
/** An invited shopper's next look comes within this time. */
const LOOK_MAX_MS = 1_500;
const CLAIM_MS = 15_000;
/** Every five seconds so many random waiting shoppers note what they are shown. */
const NOTED_EVERY_TICKS = 20;
const NOTED = 20;
/** Three hours: no trial takes longer. */
const TICKS_MAX = 43_200;

interface Shown {
  number: number;
  atMs: number;
  minSeconds: number;
  maxSeconds: number;
}

/** Drains a line by the product's own rules and compares what was shown with what came. */
export function runTrial(trial: Trial, seed: number): Calibration {
  const run = new TrialRun(trial, seed);
  for (let ticks = 0; ticks < TICKS_MAX && !run.isOver(); ticks++) run.tick(ticks);
  return run.calibration();
}

/** The trial with several seeds, every figure averaged. */
export function meanCalibration(trial: Trial, seeds: number): Calibration {
  const runs = Array.from({ length: seeds }, (_, index) => runTrial(trial, index + 1));
  const mean = (pick: (run: Calibration) => number): number =>
    runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  return {
    name: trial.name,
    shown: mean(({ shown }) => shown),
    held: mean(({ held }) => held),
    early: mean(({ early }) => early),
    late: mean(({ late }) => late),
    widthSeconds: mean(({ widthSeconds }) => widthSeconds),
    widthShare: mean(({ widthShare }) => widthShare),
  };
}

class TrialRun {
  readonly #trial: Trial;
  readonly #random: Random;
  #line: LineState;
  #nowMs = START_MS;
  readonly #due: { atMs: number; happens: () => void }[] = [];
  #asking: number[] = [];
  /** Who has not come yet, and since when they are invited. */
  readonly #silent = new Map<number, number>();
  readonly #inside = new Map<number, number>();
  readonly #admittedAtMs = new Map<number, number>();
  readonly #shown: Shown[] = [];

  constructor(trial: Trial, seed: number) {
    this.#trial = trial;
    this.#random = seededRandom(seed);
    this.#line = { ...EMPTY_LINE, lastNumber: trial.shoppers };
  }

  isOver(): boolean {
    return this.#line.cursor >= this.#trial.shoppers && this.#line.openInvitations === 0;
  }

  tick(ticks: number): void {
    this.#nowMs += TICK_MS;
    const coming = this.#due.filter(({ atMs }) => atMs <= this.#nowMs);
    for (const event of coming) {
      this.#due.splice(this.#due.indexOf(event), 1);
      event.happens();
    }
    this.#grant();
    const before = this.#line.cursor;
    this.#line = tick(this.#line, this.#inputs(), this.#open(), this.#nowMs);
    for (let number = before + 1; number <= this.#line.cursor; number++) this.#invite(number);
    this.#measure();
    if (ticks % NOTED_EVERY_TICKS === NOTED_EVERY_TICKS - 1) this.#note();
  }

  calibration(): Calibration {
    const judged = this.#shown.flatMap(({ number, atMs, minSeconds, maxSeconds }) => {
      const admittedAtMs = this.#admittedAtMs.get(number);
      if (admittedAtMs === undefined) return [];
      const waitSeconds = (admittedAtMs - atMs) / 1000;
      return [{ waitSeconds, minSeconds, maxSeconds, width: maxSeconds - minSeconds }];
    });
    const share = (count: number): number => count / judged.length;
    const early = share(judged.filter((one) => one.waitSeconds < one.minSeconds).length);
    const late = share(judged.filter((one) => one.waitSeconds > one.maxSeconds).length);
    return {
      name: this.#trial.name,
      shown: judged.length,
      held: 1 - early - late,
      early,
      late,
      widthSeconds: median(judged.map(({ width }) => width)),
      widthShare: median(judged.map(({ width, waitSeconds }) => width / Math.max(waitSeconds, 1))),
    };
  }

  #grant(): void {
    this.#asking.sort((a, b) => a - b);
    const granted = this.#asking.splice(0, grantable(this.#line, this.#inputs(), this.#nowMs));
    for (const number of granted) {
      this.#line = countClaim(this.#line, this.#nowMs);
      this.#admittedAtMs.set(number, this.#nowMs);
      const grantedAtMs = this.#nowMs;
      this.#inside.set(number, grantedAtMs);
      this.#later(this.#trial.insideSeconds(this.#random) * 1000, () => {
        this.#inside.delete(number);
        this.#line = countDeparture(this.#line, 1, this.#nowMs - grantedAtMs);
      });
    }
  }

  #invite(number: number): void {
    const invitedAtMs = this.#nowMs;
    this.#silent.set(number, invitedAtMs);
    if (this.#random() < this.#trial.noShowShare)
      this.#later(CLAIM_MS, () => {
        this.#silent.delete(number);
        this.#line = countLapses(this.#line, 1);
      });
    else
      this.#later(this.#random() * LOOK_MAX_MS, () => {
        this.#silent.delete(number);
        this.#asking.push(number);
        this.#line = countAsk(this.#line, this.#nowMs - invitedAtMs);
      });
  }

  #measure(): void {
    if (!this.#line.isFull || this.#nowMs - this.#line.measuredAtMs < FLOW_EVERY_MS) return;
    const insideMs = [...this.#inside.values()].map((atMs) => this.#nowMs - atMs);
    this.#line = measureFlow(this.#line, insideMs, this.#nowMs);
  }

  #open(): OpenInvitations {
    const silent = AGES_MS.map(() => 0);
    for (const invitedAtMs of this.#silent.values()) {
      const index = ageClass(this.#nowMs - invitedAtMs);
      silent[index] = (silent[index] ?? 0) + 1;
    }
    return { asking: this.#asking.length, silent };
  }

  #note(): void {
    const { cursor } = this.#line;
    const flow = flowOf(
      this.#line,
      claimsPerSecond(this.#line, this.#inputs()),
      comingShare(this.#line),
    );
    for (let noted = 0; noted < NOTED; noted++) {
      const ahead = Math.floor(this.#random() * (this.#trial.shoppers - cursor));
      const estimate = estimateWait(ahead, flow);
      if (estimate && cursor + 1 + ahead <= this.#trial.shoppers)
        this.#shown.push({ number: cursor + 1 + ahead, atMs: this.#nowMs, ...estimate });
    }
  }

  #later(afterMs: number, happens: () => void): void {
    this.#due.push({ atMs: this.#nowMs + afterMs, happens });
  }

  #inputs(): AdmissionInputs {
    const { newUsersPerMinute, capacity, shoppers } = this.#trial;
    return {
      newUsersPerMinute,
      totalActiveUsers: capacity,
      numbered: shoppers,
      available: 1e9,
      claimMs: CLAIM_MS,
      open: true,
    };
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
