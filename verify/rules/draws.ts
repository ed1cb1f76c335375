import { createHash } from "node:crypto";
import type { Findings } from "../finding.ts";
import type { EntryOf } from "./entry.ts";
import { isPermutation, permutation } from "./permutation.ts";
import { CLOCKS_APART_MAX_MS, type Leading } from "./terms.ts";

/** Rounds of the method `random`. */
const ROUND_MS = 30_000;

/** A draw as the log tells it. */
export interface Draw {
  draw: number;
  /** Who had joined before the draw before it. */
  before: number;
  joined: number;
  atMs: number;
  /** `null` while it is secret. */
  seed: string | null;
  revealedAtMs: number | null;
  /** Place of the n-th of those who are drawn. */
  places: Int32Array | null;
}

/** Draws: the chain of seeds, who is drawn, the public value, and the number of everyone. */
export class Draws {
  readonly #findings: Findings;
  readonly #leading: Leading;
  readonly draws: Draw[] = [];
  #revealed = 0;
  randomness: EntryOf<"randomness"> | null = null;

  constructor(findings: Findings, leading: Leading) {
    this.#findings = findings;
    this.#leading = leading;
  }

  get #max(): number {
    return this.#leading.terms?.drawsMax ?? 0;
  }

  /** Whether no draw is to come: who joins now has the index for a number. */
  get isOver(): boolean {
    return this.#revealed >= this.#max;
  }

  /** Whether who joins now is drawn, or comes behind the last draw. */
  get isClosed(): boolean {
    return this.draws.length >= this.#max;
  }

  /** How many have a number: they are 1 to this. */
  numbered(joined: number): number {
    return this.isOver ? joined : (this.draws[this.#revealed - 1]?.joined ?? 0);
  }

  /** The number of the index-th who joined, and since when it is known; `null` while it is not. */
  numberOf(index: number): { number: number; sinceMs: number } | null {
    const draw = this.draws.find(({ joined }) => index <= joined);
    if (!draw) return this.isOver ? { number: index, sinceMs: 0 } : null;
    const place = draw.places?.[index - draw.before];
    if (place === undefined || draw.revealedAtMs === null) return null;
    return { number: draw.before + place, sinceMs: draw.revealedAtMs };
  }

  /** Somebody joined: not after the start, where the draw has to come first. */
  joined(atMs: number, at: number): void {
    const { mode, startsAtMs } = this.#leading.control;
    const isLate = mode !== "draft" && atMs >= startsAtMs + CLOCKS_APART_MAX_MS;
    if (this.#max > 0 && this.draws.length === 0 && isLate)
      this.#add(at, `somebody joined ${atMs - startsAtMs} ms after the start, before the draw`);
  }

  close({ draw, joined, atMs }: EntryOf<"drawn">, joins: number, at: number): void {
    const last = this.draws.at(-1);
    const { startsAtMs } = this.#leading.control;
    if (draw !== this.draws.length + 1)
      this.#add(at, `draw ${draw} comes after draw ${this.draws.length}`);
    if (draw > this.#max) this.#add(at, `draw ${draw} is more than the ${this.#max} there may be`);
    if (joined !== joins)
      this.#add(at, `draw ${draw} is told to be of ${joined} who joined; ${joins} did`);
    if (atMs < startsAtMs)
      this.#add(at, `draw ${draw} is ${startsAtMs - atMs} ms before the start`);
    else if (last && roundOf(atMs, startsAtMs) <= roundOf(last.atMs, startsAtMs))
      this.#add(at, `draw ${draw} is in the same half minute as the one before it`);
    this.draws.push({
      draw,
      before: last?.joined ?? 0,
      joined: Math.max(joins, last?.joined ?? 0),
      atMs,
      seed: null,
      revealedAtMs: null,
      places: null,
    });
  }

  bring(entry: EntryOf<"randomness">, at: number): void {
    const promised = this.#leading.terms?.publicRandomness;
    const { source, round } = entry;
    if (!promised) this.#add(at, "a public value is mixed in that was not promised");
    else if (promised.source !== source || promised.round !== round)
      this.#add(
        at,
        `the value is of ${source}, round ${round}; promised was ${promised.source}, round ${promised.round}`,
      );
    if (this.randomness) return this.#add(at, "a public value was brought before");
    if (this.#revealed > 0) this.#add(at, "the public value came after a seed was told");
    if (this.draws.length === 0)
      this.#add(at, "the public value came before the first draw was closed");
    this.randomness = entry;
  }

  reveal({ draw, seed, atMs }: EntryOf<"revealed">, at: number): void {
    const closed = this.draws[draw - 1];
    if (!closed) return this.#add(at, `the seed of draw ${draw} was told before it was drawn`);
    if (closed.seed !== null) return this.#add(at, `the seed of draw ${draw} was told before`);
    if (draw !== this.#revealed + 1)
      this.#add(at, `the seed of draw ${draw} was told before that of draw ${this.#revealed + 1}`);
    const hash = draw === 1 ? this.#leading.terms?.seedHash : this.draws[draw - 2]?.seed;
    if (sha256Hex(seed) !== hash)
      this.#add(
        at,
        `the seed of draw ${draw} is another than was promised: its hash is not ${String(hash)}`,
      );
    const value = this.randomness?.value;
    if (this.#leading.terms?.publicRandomness && value === undefined)
      this.#add(at, `the seed of draw ${draw} was told before the public value was there`);
    const places = permutation(
      value === undefined ? seed : sha256Hex(`${seed}/${value}`),
      closed.joined - closed.before,
    );
    if (!isPermutation(places)) this.#add(at, `draw ${draw} gives a place twice`);
    Object.assign(closed, { seed, revealedAtMs: atMs, places });
    this.#revealed += 1;
  }

  #add(at: number, says: string): void {
    this.#findings.add("draws", at, says);
  }
}

function roundOf(atMs: number, startsAtMs: number): number {
  return Math.floor((atMs - startsAtMs) / ROUND_MS);
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
