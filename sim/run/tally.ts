import { createHash } from "node:crypto";
import type { LinearCounts } from "../linear/linearizable.ts";
import type { SeedResult } from "./seed.ts";

/** Adds the results of many seeds up, in whatever order they come. */
export class Tally {
  steps = 0;
  events = 0;
  operations = 0;
  simulatedMs = 0;
  /** What was held against the model of an item. */
  readonly linear: LinearCounts = { calls: 0, histories: 0, givenUp: 0 };
  /** Sales that settled with every promise kept. */
  finished = 0;
  readonly faults = new Map<string, number>();
  /** In how many seeds each thing was exercised. */
  readonly covered = new Map<string, number>();
  readonly #hashes = new Map<number, string>();
  readonly #broken: SeedResult[] = [];

  add(result: SeedResult): void {
    this.steps += result.steps;
    this.events += result.events;
    this.operations += result.operations;
    this.simulatedMs += result.simulatedMs;
    this.linear.calls += result.linear.calls;
    this.linear.histories += result.linear.histories;
    this.linear.givenUp += result.linear.givenUp;
    for (const [kind, count] of Object.entries(result.faults)) increase(this.faults, kind, count);
    for (const name of result.covered) increase(this.covered, name, 1);
    this.#hashes.set(result.seed, result.hash);
    if (result.violations.length === 0) this.finished += 1;
    else this.#broken.push(result);
  }

  get seeds(): number {
    return this.#hashes.size;
  }

  get distinctHistories(): number {
    return new Set(this.#hashes.values()).size;
  }

  /** Seeds with violations, the lowest first. */
  get broken(): readonly SeedResult[] {
    return this.#broken.toSorted((a, b) => a.seed - b.seed);
  }

  /** Everything that happened in one seed at least: what was covered, and faults. */
  get exercised(): ReadonlySet<string> {
    return new Set([...this.covered.keys(), ...this.faults.keys()]);
  }

  /** One hash over all histories in the order of their seeds, however they were shared out. */
  get hash(): string {
    const hash = createHash("sha256");
    for (const [seed, history] of [...this.#hashes].toSorted(([a], [b]) => a - b))
      hash.update(`${seed} ${history}\n`);
    return hash.digest("hex");
  }
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
