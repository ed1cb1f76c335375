import type { Findings } from "../finding.ts";
import type { Draws } from "./draws.ts";
import type { EntryOf } from "./entry.ts";
import type { Numbers } from "./numbers.ts";
import { CLOCKS_APART_MAX_MS, type Leading } from "./terms.ts";

/** A place that was left is over within this time: a message that was lost is sent again after 5 s. */
const SETTLE_MS = 60_000;

/** Somebody who has a place joined again. */
interface Again {
  earlier: number;
  later: number;
  atMs: number;
  entry: number;
}

/** Joins: numbered one after the other, in the order of their stamps, one place a shopper. */
export class Joins {
  readonly #findings: Findings;
  readonly #leading: Leading;
  readonly #draws: Draws;
  readonly #numbers: Numbers;
  readonly #latest = new Map<string, number>();
  readonly #again: Again[] = [];
  count = 0;
  #stampMs = 0;
  /** How far a gateway's clock was ahead at most. */
  clockAheadMs = 0;
  /** Second places of which the log does not tell yet whether the first was over, and joins without a binding. */
  unjudged = 0;
  unbound = 0;

  constructor(findings: Findings, leading: Leading, draws: Draws, numbers: Numbers) {
    this.#findings = findings;
    this.#leading = leading;
    this.#draws = draws;
    this.#numbers = numbers;
  }

  add(entry: EntryOf<"joined">, at: number): void {
    this.#checkCount(entry, at);
    this.#checkStamp(entry, at);
    this.#draws.joined(entry.atMs, at);
    this.count += 1;
    this.#checkBinding(entry, at);
  }

  #checkCount({ index, number }: EntryOf<"joined">, at: number): void {
    const isDrawn = (this.#leading.terms?.drawsMax ?? 0) > 0;
    const name = index === undefined ? "number" : "index";
    const told = index ?? number;
    if ((index === undefined) === (number === undefined))
      return this.#add(at, "a join needs a number or an index, and has not one of them");
    if (told !== this.count + 1)
      this.#add(
        at,
        `${name} ${String(told)} follows ${this.count}: it should be ${this.count + 1}`,
      );
    if (!isDrawn && index !== undefined)
      this.#add(at, `index ${index} is given where no places are drawn`);
    if (isDrawn && number !== undefined && !this.#draws.isClosed)
      this.#add(at, `number ${number} is given before the draw`);
  }

  #checkStamp({ stampMs, arrivedAtMs, atMs }: EntryOf<"joined">, at: number): void {
    const windowMs = this.#leading.terms?.reorderWindowMs ?? 0;
    const who = `the join ${this.count + 1}`;
    if (stampMs < this.#stampMs)
      this.#add(
        at,
        `${who} is back-dated: its stamp is ${this.#stampMs - stampMs} ms before the last`,
      );
    if (windowMs > 0 ? stampMs + windowMs >= atMs : stampMs > atMs)
      this.#add(at, `${who} was numbered before the reorder window of ${windowMs} ms had passed`);
    if (windowMs > 0 && arrivedAtMs > stampMs) {
      this.clockAheadMs = Math.max(this.clockAheadMs, arrivedAtMs - stampMs);
      if (arrivedAtMs > stampMs + CLOCKS_APART_MAX_MS)
        this.#add(at, `${who} was put ${arrivedAtMs - stampMs} ms before it arrived`);
    }
    this.#stampMs = Math.max(this.#stampMs, stampMs);
  }

  #checkBinding({ binding, atMs }: EntryOf<"joined">, at: number): void {
    if (binding === "") {
      this.unbound += 1;
      return;
    }
    const earlier = this.#latest.get(binding);
    this.#latest.set(binding, this.count);
    if (earlier === undefined || this.#endOf(earlier) !== null) return;
    this.#again.push({ earlier, later: this.count, atMs, entry: at });
  }

  /**
   * Judges who joined again before the log told that the first place was over: who leaves before a draw is
   * told after it, and what a lane tells may come late.
   */
  end(lastAtMs: number): void {
    const { ended } = this.#leading.turnedAtMs;
    const untilMs = Math.min(ended ?? Infinity, lastAtMs);
    for (const { earlier, later, atMs, entry } of this.#again) {
      const known = this.#draws.numberOf(earlier);
      const dueMs = Math.max(atMs, known?.sinceMs ?? atMs) + SETTLE_MS;
      const endMs = this.#endOf(earlier);
      if (endMs !== null ? endMs <= dueMs : !known || untilMs < dueMs) {
        if (endMs === null) this.unjudged += 1;
        continue;
      }
      this.#add(
        entry,
        `the join ${later} gives a shopper a second place: the first, ${earlier}, was not over`,
      );
    }
  }

  #endOf(index: number): number | null {
    const known = this.#draws.numberOf(index);
    return known && this.#numbers.endedAtMs(known.number);
  }

  #add(at: number, says: string): void {
    this.#findings.add("joins", at, says);
  }
}
