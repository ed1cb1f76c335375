import { sha256Hex } from "../hash.ts";
import { unpermute } from "../queue/permutation.ts";
import { kendallDistance } from "./kendall.ts";
import type { FairnessReport } from "./report.ts";

/** Places that are looked at: an index is worked out by dozens of hashes, so that these take under a second. */
const SAMPLE_MAX = 2_000;

interface Draw {
  /** Numbers up to here had been drawn before, and those up to `through` are by this one. */
  before: number;
  through: number;
  /** What put them in order; `null` while it is secret. */
  seed: string | null;
}

/**
 * The draws of a sale: who has which number. Where places are drawn the index of a number is worked out for
 * a sample alone; who joined behind the last draw has it for a number.
 */
export class Lot {
  readonly #drawsMax: number;
  readonly #draws: Draw[] = [];
  #value: string | null = null;
  readonly #indexes = new Map<number, number>();

  /** `drawsMax` 0: no places are drawn. */
  constructor(drawsMax: number) {
    this.#drawsMax = drawsMax;
  }

  get draws(): boolean {
    return this.#drawsMax > 0;
  }

  drawn(joined: number): void {
    this.#draws.push({ before: this.#draws.at(-1)?.through ?? 0, through: joined, seed: null });
  }

  randomness(value: string): void {
    this.#value = value;
  }

  /** The seed of the `draw`-th draw, from 1. */
  revealed(draw: number, seed: string): void {
    const drawn = this.#draws[draw - 1];
    if (drawn) drawn.seed = this.#value === null ? seed : sha256Hex(`${seed}/${this.#value}`);
  }

  /** How many of so many who joined have a number. */
  numbered(joined: number): number {
    const last = this.#draws.at(-1);
    const isOver = this.#draws.length >= this.#drawsMax && last?.seed !== null;
    return isOver ? joined : this.#through;
  }

  /** The index of a number; `null` where places are drawn and it does not belong to the sample. */
  indexOf(number: number): number | null {
    if (number % this.#every !== 0) return null;
    if (number > this.#through) return number;
    const known = this.#indexes.get(number);
    if (known !== undefined) return known;
    const draw = this.#draws.find(({ through }) => number <= through);
    if (!draw || draw.seed === null) return null;
    const { before, through, seed } = draw;
    const index = before + unpermute(seed, number - before, through - before);
    this.#indexes.set(number, index);
    return index;
  }

  /** How the draws put the sample in order; `null` before the first one. */
  figures(): FairnessReport["lot"] {
    const places = this.#through;
    if (places === 0) return null;
    let [sampled, pairs, discordant, variance] = [0, 0, 0, 0];
    for (const draw of this.#draws) {
      const indexes = this.#sampleOf(draw);
      const count = indexes.length;
      const distance = kendallDistance(Float64Array.from(indexes));
      sampled += count;
      pairs += distance.pairs;
      discordant += distance.discordant;
      // Of the discordant pairs of a random order (Kendall, "Rank Correlation Methods", 1948).
      variance += (count * Math.max(count - 1, 0) * (2 * count + 5)) / 72;
    }
    const deviation = pairs === 0 ? 0 : Math.sqrt(variance) / pairs;
    const tau = pairs === 0 ? 0 : discordant / pairs;
    return { draws: this.#draws.length, places, sampled, tau, deviation };
  }

  /** The indexes of a draw's sample, in the order of its numbers. */
  #sampleOf({ before, through, seed }: Draw): number[] {
    if (seed === null) return [];
    const indexes: number[] = [];
    const every = this.#every;
    for (let number = (Math.floor(before / every) + 1) * every; number <= through; number += every)
      indexes.push(this.indexOf(number) ?? 0);
    return indexes;
  }

  /** How many are drawn whose seed is known. */
  get #through(): number {
    return this.#draws.findLast(({ seed }) => seed !== null)?.through ?? 0;
  }

  /** A power of two, so that what was looked at stays in the sample while the line grows. */
  get #every(): number {
    return 2 ** Math.max(0, Math.ceil(Math.log2(this.#through / SAMPLE_MAX)));
  }
}
