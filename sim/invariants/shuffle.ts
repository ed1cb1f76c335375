import type { DatabaseSync } from "node:sqlite";
import { sha256Hex } from "../../domain/hash.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import { drawnNumber, missingValue, type SecretShuffle } from "../../domain/queue/shuffle.ts";
import { ParsedText } from "../../durable-objects/parsed-text.ts";
import type { Witness } from "../sale/witness.ts";
import { numberByLog, readDraws } from "./draws.ts";
import type { Violate } from "./item.ts";
import { rowOf } from "./tables.ts";

interface SaleRow {
  control: string;
  shuffle: string | null;
}

/** What the line's writer keeps of the shuffle; `null` in a sale that is not shuffled. */
export function shuffleIn(sequencer: DatabaseSync): SecretShuffle | null {
  const row = rowOf<{ shuffle: string | null }>(sequencer, "SELECT shuffle FROM sale");
  return row?.shuffle == null ? null : (JSON.parse(row.shuffle) as SecretShuffle);
}

/** The number of the `index`-th who joined, as the tables have it; `null` while it is not drawn. */
export function numberIn(sequencer: DatabaseSync, index: number): number | null {
  const shuffle = shuffleIn(sequencer);
  return shuffle === null ? index : drawnNumber(index, shuffle);
}

/** The promises of draws: each comes once, in time, and parts those before it from those after. */
export class ShuffleInvariants {
  readonly #database: DatabaseSync;
  readonly #options: { nowMs: () => number; violate: Violate; cover: (name: string) => void };
  readonly #shuffleText = new ParsedText<SecretShuffle>();
  readonly #controlText = new ParsedText<SaleControl>();
  #known: SecretShuffle | null = null;
  #places = 0;
  #startsAtMs = Infinity;
  /** The same as of the last durable commit: what a crash takes it back to. */
  #durable: { known: SecretShuffle | null; places: number; startsAtMs: number } = {
    known: null,
    places: 0,
    startsAtMs: Infinity,
  };

  constructor(
    database: DatabaseSync,
    options: { nowMs: () => number; violate: Violate; cover: (name: string) => void },
  ) {
    this.#database = database;
    this.#options = options;
  }

  /** After every durable commit. */
  afterCommit(): void {
    this.#durable = {
      known: this.#known,
      places: this.#places,
      startsAtMs: this.#startsAtMs,
    };
  }

  /** After the object went under. */
  afterLoss(): void {
    this.#known = this.#durable.known;
    this.#places = this.#durable.places;
    this.#startsAtMs = this.#durable.startsAtMs;
  }

  /** After every turn that wrote. */
  afterTurn(): void {
    // By the words in which the sequencer asks, too: then it is read once for both.
    const row = rowOf<SaleRow>(this.#database, "SELECT * FROM sale");
    if (!row || row.shuffle === null) return;
    const { places = 0 } =
      rowOf<{ places: number }>(this.#database, "SELECT count(*) AS places FROM place") ?? {};
    const shuffle = this.#shuffleText.of(row.shuffle);
    const control = this.#controlText.of(row.control);
    const isDue = this.#isDue(shuffle, control);
    const { violate, cover } = this.#options;
    const say = (): string => JSON.stringify([this.#known, shuffle, this.#places, places]);
    const known = this.#known ? drawsOf(this.#known) : [];
    const draws = drawsOf(shuffle);
    const { drawsMax, secret } = shuffle;
    if (this.#known && this.#known.secret !== secret) violate("shuffle.seed", say());
    if (known.some((end, draw) => draws[draw] !== end)) violate("shuffle.once", say());
    if (draws.length > known.length + 1 || draws.length > drawsMax) violate("shuffle.once", say());
    const last = draws.at(-1) ?? 0;
    if (missingValue(shuffle)) cover("shuffle.awaited");
    if (shuffle.ends.length > (this.#known?.ends.length ?? 0)) {
      readDraws(this.#database, violate);
      if (shuffle.publicRandomness) cover("shuffle.mixed");
    }
    if (known.length > 0 && control.startsAtMs > this.#startsAtMs) violate("shuffle.start", say());
    this.#startsAtMs = control.startsAtMs;
    if (draws.length === known.length) {
      const isUndrawn = known.length === 0 || this.#places > last;
      // A draw that has closed goes before the next one.
      const awaits = isUndrawn && known.length === this.#known?.ends.length;
      if (isDue && awaits && draws.length < drawsMax && places > this.#places)
        violate("shuffle.sides", say());
    } else {
      // One turn may draw and number those who come after.
      if (!isDue || last < this.#places || last > places) violate("shuffle.sides", say());
      if (last > 1) cover(known.length === 0 ? "shuffle.drawn" : "shuffle.round");
    }
    this.#known = shuffle;
    this.#places = places;
  }

  /** Whether the draw that was the next one as of the last turn has its time. */
  #isDue(shuffle: SecretShuffle, { mode, startsAtMs }: SaleControl): boolean {
    const nowMs = this.#options.nowMs();
    const nextDrawAtMs = this.#known?.nextDrawAtMs ?? null;
    if (drawsOf(this.#known ?? shuffle).length === 0 || nextDrawAtMs === null)
      return mode !== "draft" && nowMs >= startsAtMs;
    return nowMs >= nextDrawAtMs;
  }
}

/** Every number that was told follows from the log alone, and the seed from its hash. */
export function checkDrawn(sequencer: DatabaseSync, witness: Witness, violate: Violate): void {
  const { seed = null, ends = [] } = shuffleIn(sequencer) ?? {};
  // Each seed is the hash of the one after it: the first one's is what was promised.
  const first = seed === null ? null : ends.reduce((hash) => sha256Hex(hash), seed);
  if (first !== null && [...witness.seedHashes].some((hash) => hash !== first))
    violate("shuffle.seed", `${seed} is not what was promised: ${[...witness.seedHashes].join()}`);
  const told = readDraws(sequencer, violate);
  for (const [index, number] of witness.numberOf) {
    const byLog = numberByLog(told, index);
    if (numberIn(sequencer, index) !== number || byLog !== number)
      violate("shuffle.place", `${index} was told ${number}; by the log it is ${byLog}`);
  }
  if (witness.publicValue !== null && told.value !== witness.publicValue)
    violate("told.value", `${witness.publicValue} was taken, and the log has ${told.value}`);
}

/** How many had joined at each draw that has closed. */
function drawsOf({ ends, closed = null }: SecretShuffle): readonly number[] {
  return closed === null ? ends : [...ends, closed];
}
