import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { UsageError } from "../../bench/options.ts";
import type { LinearCounts } from "../linear/linearizable.ts";
import type { Violation } from "../sale/witness.ts";
import { headline, type Provenance } from "./report.ts";
import type { SeedResult } from "./seed.ts";
import { Tally } from "./tally.ts";

/** So many seeds are one line of the file: less than that is lost when a run is stopped. */
export const CHUNK_SEEDS = 1_000;

/** What a run of many seeds is. */
export interface SavedTerms extends Provenance {
  from: number;
  count: number;
  threads: number;
  /** How many shopper calls a sale was to have; `null`: as many as its seed says. */
  operationsASale: number | null;
}

/** What came of some seeds that follow each other: one line of the file. */
export interface Chunk extends Provenance {
  from: number;
  /** The last one. */
  to: number;
  threads: number;
  operationsASale: number | null;
  operations: number;
  steps: number;
  events: number;
  simulatedMs: number;
  faults: Record<string, number>;
  /** In how many seeds each thing was exercised. */
  covered: Record<string, number>;
  linear: LinearCounts;
  distinctHistories: number;
  /** Over the hashes of its seeds, as a run of these seeds alone prints it. */
  hash: string;
  /** Of real time, since the line before. */
  seconds: number;
  /** The first of each seed that broke a promise. */
  violations: ({ seed: number } & Violation)[];
}

/** A run that can be stopped, and goes on behind the last line of its file. */
export class SavedRun {
  readonly chunks: Chunk[];
  /** The first seed that is not in the file. */
  readonly next: number;
  readonly #file: string;
  readonly #terms: SavedTerms;
  readonly #nowMs: () => number;
  readonly #open = new Map<number, Tally>();
  #lineAtMs: number;

  /** @throws UsageError for a file of another run. */
  constructor(file: string, terms: SavedTerms, nowMs = () => performance.now()) {
    this.#file = file;
    this.#terms = terms;
    this.#nowMs = nowMs;
    this.#lineAtMs = nowMs();
    this.chunks = existsSync(file) ? readChunks(file) : [];
    const [first] = this.chunks;
    const isOther =
      first && (first.from !== terms.from || first.operationsASale !== terms.operationsASale);
    if (isOther)
      throw new UsageError(
        `${file} holds seeds from ${first.from} on, of ${first.operationsASale ?? "their own"} operations: name another file for this run`,
      );
    this.next = (this.chunks.at(-1)?.to ?? terms.from - 1) + 1;
  }

  /** How many seeds are still to be played. */
  get left(): number {
    return Math.max(0, this.#terms.from + this.#terms.count - this.next);
  }

  /** Takes the next results, in about the order of their seeds, and writes each line that is full. */
  add(result: SeedResult): void {
    const from = result.seed - ((result.seed - this.next) % CHUNK_SEEDS);
    const tally = this.#open.get(from) ?? new Tally();
    this.#open.set(from, tally);
    tally.add(result);
    for (;;) {
      const first = (this.chunks.at(-1)?.to ?? this.#terms.from - 1) + 1;
      const full = this.#open.get(first);
      if (!full || full.seeds < this.#seedsFrom(first)) return;
      this.#write(first, full);
    }
  }

  #seedsFrom(first: number): number {
    return Math.min(CHUNK_SEEDS, this.#terms.from + this.#terms.count - first);
  }

  #write(from: number, tally: Tally): void {
    const { threads, operationsASale, commit, node } = this.#terms;
    const nowMs = this.#nowMs();
    const chunk: Chunk = {
      from,
      to: from + tally.seeds - 1,
      threads,
      operationsASale,
      operations: tally.operations,
      steps: tally.steps,
      events: tally.events,
      simulatedMs: tally.simulatedMs,
      faults: Object.fromEntries(tally.faults),
      covered: Object.fromEntries(tally.covered),
      linear: tally.linear,
      distinctHistories: tally.distinctHistories,
      hash: tally.hash,
      seconds: Math.round(nowMs - this.#lineAtMs) / 1000,
      violations: tally.broken.flatMap(({ seed, violations: [first] }) =>
        first ? [{ seed, invariant: first.invariant, detail: headline(first) }] : [],
      ),
      commit,
      node,
    };
    this.#lineAtMs = nowMs;
    this.#open.delete(from);
    this.chunks.push(chunk);
    appendFileSync(this.#file, `${JSON.stringify(chunk)}\n`);
  }
}

/** All lines of a file together, as text. */
export function renderSaved(chunks: readonly Chunk[]): string {
  const sum = (of: (chunk: Chunk) => number): number =>
    chunks.reduce((total, chunk) => total + of(chunk), 0);
  const operations = sum((chunk) => chunk.operations);
  const coreSeconds = sum(({ seconds, threads }) => seconds * threads);
  const perSecond = coreSeconds === 0 ? 0 : Math.round(operations / coreSeconds);
  const broken = chunks.flatMap(({ violations }) => violations);
  const figures: [string, number][] = [
    ["seeds", sum(({ from, to }) => to - from + 1)],
    ["operations", operations],
    ["a second on one core", perSecond],
    ["steps", sum(({ steps }) => steps)],
    ["seconds", Math.round(sum(({ seconds }) => seconds))],
    ["violations", broken.length],
  ];
  return [
    ...figures.map(([label, count]) => `${label.padEnd(22)}${count.toLocaleString("en-US")}`),
    ...broken.map(({ seed, detail }) => `seed ${seed} breaks ${detail}`),
  ].join("\n");
}

/** The lines of a file; one that was being written when the run was killed is cut off. */
function readChunks(file: string): Chunk[] {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Chunk);
}
