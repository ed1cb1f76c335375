import { seededRandom, type Random } from "../../domain/random.ts";

/** FNV-1a, 32 bits: turns the name of a stream into its number. */
function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/**
 * Everything random of a simulation. Each purpose rolls dice of its own name, so that leaving one
 * shopper or fault out does not change what the others do: that is what makes shrinking work.
 */
export class Dice {
  readonly #seed: number;
  readonly #name: string;
  readonly #next: Random;

  constructor(seed: number, name = "") {
    this.#seed = seed;
    this.#name = name;
    this.#next = seededRandom(seed, streamOf(name));
  }

  /** Dice for one purpose, independent of all others. */
  fork(name: string): Dice {
    return new Dice(this.#seed, `${this.#name}/${name}`);
  }

  /** True in this share of the rolls. */
  chance(share: number): boolean {
    return share > 0 && this.#next() < share;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }

  /** One of a list that is not empty. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(0, items.length - 1)] as Item;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(0, 255));
  }
}
