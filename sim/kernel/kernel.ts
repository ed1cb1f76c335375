import { Dice } from "./dice.ts";
import { Faults, type FaultKind, type FaultShares } from "./faults.ts";
import { History } from "./history.ts";
import { Scheduler } from "./scheduler.ts";

/** A node's clock is off by at most this much from the start … */
const SKEW_MAX_MS = 400;
/** … and, after a jump, by at most this much: machines that keep time are never further off. */
const JUMP_MAX_MS = 2_000;

/** What every simulated part stands on: time, chance, faults, and the record of it all. */
export class Kernel {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  /** What Workers draw: they keep nothing, so all of them from the same dice. */
  readonly workerDice: Dice;
  readonly faults: Faults;
  readonly history: History;
  readonly #clockOffsetsMs = new Map<string, number>();

  constructor(options: {
    seed: number;
    startMs: number;
    faults: readonly FaultKind[];
    faultShares?: FaultShares;
    keepHistory: boolean;
  }) {
    this.dice = new Dice(options.seed);
    this.workerDice = this.dice.fork("workers");
    this.scheduler = new Scheduler(options.startMs);
    this.faults = new Faults(this.dice.fork("faults"), options.faults, options.faultShares);
    this.history = new History(options.keepHistory);
  }

  /** The time by a node's own clock, in whole milliseconds. */
  nowMs(node: string): number {
    return Math.floor(this.scheduler.nowUs / 1000) + this.clockOffsetMs(node);
  }

  /** How far a node's clock is off. */
  clockOffsetMs(node: string): number {
    const known = this.#clockOffsetsMs.get(node);
    if (known !== undefined) return known;
    const isSkewed = this.faults.happens("clock.skewed");
    const offsetMs = isSkewed ? this.dice.fork(`skew/${node}`).int(-SKEW_MAX_MS, SKEW_MAX_MS) : 0;
    this.#clockOffsetsMs.set(node, offsetMs);
    return offsetMs;
  }

  /** Moves a node's clock, forwards or back. */
  jumpClock(node: string, dice: Dice): void {
    const offsetMs = dice.int(-JUMP_MAX_MS, JUMP_MAX_MS);
    this.#clockOffsetsMs.set(node, offsetMs);
    this.note(`${node} clock jumps: off by ${offsetMs} ms`);
  }

  note(what: string): void {
    this.history.note(this.scheduler.nowUs, what);
  }
}
