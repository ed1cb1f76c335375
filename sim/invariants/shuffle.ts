import type { DatabaseSync } from "node:sqlite";
import { sha256Hex } from "../../domain/hash.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import { drawnNumber, type SecretShuffle } from "../../domain/queue/shuffle.ts";
import type { Witness } from "../sale/witness.ts";
import type { Violate } from "./item.ts";
import { rowOf } from "./tables.ts";

interface SaleRow {
  control: string;
  shuffle: string | null;
  places: number;
}

/** What the line's writer keeps of the shuffle; `null` in a sale that is not shuffled. */
export function shuffleIn(sequencer: DatabaseSync): SecretShuffle | null {
  const row = rowOf<{ shuffle: string | null }>(sequencer, "SELECT shuffle FROM sale");
  return row?.shuffle == null ? null : (JSON.parse(row.shuffle) as SecretShuffle);
}

/** The number of the `index`-th who joined, as the tables have it; `null` while it is not drawn. */
export function numberIn(sequencer: DatabaseSync, index: number): number | null {
  const shuffle = shuffleIn(sequencer);
  if (shuffle === null) return index;
  const { seed, count } = shuffle;
  return count === null ? null : drawnNumber(index, { seed, count });
}

/** The promises of a start: it comes once, in time, and parts those before it from those after. */
export class ShuffleInvariants {
  readonly #database: DatabaseSync;
  readonly #options: { nowMs: () => number; violate: Violate; cover: (name: string) => void };
  #known: SecretShuffle | null = null;
  #places = 0;
  /** The same as of the last durable commit: what a crash takes it back to. */
  #durable: { known: SecretShuffle | null; places: number } = { known: null, places: 0 };

  constructor(
    database: DatabaseSync,
    options: { nowMs: () => number; violate: Violate; cover: (name: string) => void },
  ) {
    this.#database = database;
    this.#options = options;
  }

  /** After every durable commit. */
  afterCommit(): void {
    this.#durable = { known: this.#known, places: this.#places };
  }

  /** After the object went under. */
  afterLoss(): void {
    this.#known = this.#durable.known;
    this.#places = this.#durable.places;
  }

  /** After every turn that wrote. */
  afterTurn(): void {
    const row = rowOf<SaleRow>(
      this.#database,
      "SELECT control, shuffle, (SELECT count(*) FROM place) AS places FROM sale",
    );
    if (!row || row.shuffle === null) return;
    const shuffle = JSON.parse(row.shuffle) as SecretShuffle;
    const { mode, startsAtMs } = JSON.parse(row.control) as SaleControl;
    const isStarted = mode !== "draft" && this.#options.nowMs() >= startsAtMs;
    const { violate, cover } = this.#options;
    const say = (): string => JSON.stringify([this.#known, shuffle, this.#places, row.places]);
    if (this.#known && this.#known.seed !== shuffle.seed) violate("shuffle.seed", say());
    if (shuffle.count === null) {
      if ((this.#known?.count ?? null) !== null) violate("shuffle.once", say());
      if (isStarted && row.places > this.#places) violate("shuffle.sides", say());
    } else if (this.#known?.count == null) {
      // One turn may start the sale and number those who come after.
      const isBetween = shuffle.count >= this.#places && shuffle.count <= row.places;
      if (!isStarted || !isBetween) violate("shuffle.sides", say());
      if (shuffle.count > 1) cover("shuffle.drawn");
    } else if (this.#known.count !== shuffle.count) violate("shuffle.once", say());
    this.#known = shuffle;
    this.#places = row.places;
  }
}

/** Every number that was told follows from the seed, and the seed from its hash. */
export function checkDrawn(sequencer: DatabaseSync, witness: Witness, violate: Violate): void {
  const seed = shuffleIn(sequencer)?.seed;
  if (seed !== undefined && [...witness.seedHashes].some((hash) => hash !== sha256Hex(seed)))
    violate("shuffle.seed", `${seed} is not what was promised: ${[...witness.seedHashes].join()}`);
  for (const [index, number] of witness.numberOf)
    if (numberIn(sequencer, index) !== number)
      violate("shuffle.place", `${index} was told ${number}, not ${numberIn(sequencer, index)}`);
}
