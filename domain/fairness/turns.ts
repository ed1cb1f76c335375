import type { LogControls, TurnEnd } from "../log/leaf.ts";
import { AdmissionBounds } from "./bounds.ts";
import { FenwickTree } from "./fenwick-tree.ts";
import { Numbers } from "./numbers.ts";
import type { FairnessReport } from "./report.ts";

/** What has happened to a number, one bit each. */
const CAME = 1;
const ASKING = 2;
const GRANTED = 4;
const LAPSED = 8;
const ENDED = 16;

/** What became of every number: who was invited, came, was let in, and in what order. */
export class Turns {
  readonly bounds = new AdmissionBounds();
  /** The numbers of those who were let in, in the order in which they were … */
  readonly #admitted = new Numbers("whole");
  /** … and of every number where it stands among them, from 1, … */
  readonly #ranks = new Numbers("whole");
  /** … and when its pass ends. */
  readonly #expiresAtSeconds = new Numbers("whole");
  #states = new Uint8Array(64);
  /** Who asks and has not been let in. */
  #asking = new FenwickTree(64);
  #askingCount = 0;
  #inside = 0;
  #overtaken = 0;
  #wrongGrants = 0;
  #came = 0;
  #lapsed = 0;
  #left = 0;
  invited = 0;

  /** The numbers of those who were let in, in the order in which they were. */
  get admitted(): Float64Array {
    return this.#admitted.view();
  }

  /** Pairs in which the one behind was let in while the one in front was asking. */
  get overtaken(): number {
    return this.#overtaken;
  }

  /** Grants to whoever had been let in before, or whose turn was over. */
  get wrongGrants(): number {
    return this.#wrongGrants;
  }

  /** When a number was let in; `null` when it was not. */
  admittedAtMs(number: number): number | null {
    return this.#has(number, GRANTED) ? this.bounds.atMsOf(this.#ranks.at(number)) : null;
  }

  /** Whether a number has still to come to its turn. */
  isWaiting(number: number): boolean {
    return (this.#stateOf(number) & (GRANTED | LAPSED | ENDED)) === 0;
  }

  /** Whether the turn of a number was never taken: the invitation lapsed, or the place was given up. */
  hasNotCome(number: number): boolean {
    return !this.#has(number, GRANTED) && this.#has(number, LAPSED | ENDED);
  }

  /** Whether a number has been neither given up nor used: in line, or inside. */
  stands(number: number, nowMs: number): boolean {
    if (this.#has(number, LAPSED | ENDED)) return false;
    return !this.#has(number, GRANTED) || nowMs < 1000 * this.#expiresAtSeconds.at(number);
  }

  asked(number: number): void {
    if (this.#has(number, ASKING | GRANTED | LAPSED | ENDED)) return;
    this.#come(number);
    this.#mark(number, ASKING);
    this.#asking.add(number);
    this.#askingCount += 1;
  }

  granted(number: number, atMs: number, expiresAtMs: number, controls: LogControls): void {
    if (this.#has(number, GRANTED | LAPSED | ENDED)) {
      this.#wrongGrants += 1;
      return;
    }
    this.#come(number);
    this.#stopAsking(number);
    this.#overtaken += this.#askingCount === 0 ? 0 : this.#asking.countUpTo(number - 1);
    this.#mark(number, GRANTED);
    this.#admitted.push(number);
    this.#ranks.set(number, this.#admitted.length);
    this.#expireAt(number, expiresAtMs);
    this.#inside += 1;
    this.bounds.granted(atMs, this.#inside, controls);
  }

  renewed(number: number, expiresAtMs: number): void {
    if (this.#has(number, GRANTED)) this.#expireAt(number, expiresAtMs);
  }

  /** Of these whoever has not asked lost the turn. */
  lapsed(first: number, through: number): void {
    for (let number = first; number <= through; number++) {
      if (this.#has(number, CAME | LAPSED | ENDED)) continue;
      this.#mark(number, LAPSED);
      this.#lapsed += 1;
    }
  }

  over(number: number, how: TurnEnd): void {
    if (this.#has(number, ENDED)) return;
    if (this.#has(number, GRANTED)) this.#inside -= 1;
    else if (how === "lapsed" && !this.#has(number, LAPSED)) this.#lapse(number);
    else if (!this.#has(number, CAME | LAPSED)) this.#left += 1;
    this.#stopAsking(number);
    this.#mark(number, ENDED);
  }

  noShows(): FairnessReport["noShows"] {
    const decided = this.#came + this.#lapsed;
    const rate = decided === 0 ? 0 : this.#lapsed / decided;
    return { decided, lapsed: this.#lapsed, rate, left: this.#left };
  }

  /** To the second before: nobody comes again sooner than a pass has ended. */
  #expireAt(number: number, expiresAtMs: number): void {
    this.#expiresAtSeconds.set(number, Math.floor(expiresAtMs / 1000));
  }

  /** Who asked and then fell silent did not come after all. */
  #lapse(number: number): void {
    if (this.#has(number, CAME)) this.#came -= 1;
    this.#unmark(number, CAME);
    this.#mark(number, LAPSED);
    this.#lapsed += 1;
  }

  #come(number: number): void {
    if (this.#has(number, CAME)) return;
    this.#mark(number, CAME);
    this.#came += 1;
  }

  #stopAsking(number: number): void {
    if (!this.#has(number, ASKING)) return;
    this.#unmark(number, ASKING);
    this.#asking.add(number, -1);
    this.#askingCount -= 1;
  }

  #stateOf(number: number): number {
    return this.#states[number] ?? 0;
  }

  #has(number: number, bits: number): boolean {
    return (this.#stateOf(number) & bits) !== 0;
  }

  #unmark(number: number, bit: number): void {
    this.#states[number] = this.#stateOf(number) & ~bit;
  }

  #mark(number: number, bit: number): void {
    if (number >= this.#states.length) this.#grow(number + 1);
    this.#states[number] = this.#stateOf(number) | bit;
  }

  #grow(length: number): void {
    const grown = new Uint8Array(Math.max(length, 2 * this.#states.length));
    grown.set(this.#states);
    this.#states = grown;
    this.#asking = new FenwickTree(grown.length);
    for (const [number, state] of grown.entries())
      if ((state & ASKING) !== 0) this.#asking.add(number);
  }
}
