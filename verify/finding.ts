/** Something that keeps a log from being checked at all: an address, a network, a file. Exit code 2. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** What is checked, each in a module of its own; told in this order. */
const CHECKS = [
  "signature",
  "head",
  "tiles",
  "earlier heads",
  "receipts",
  "entries",
  "joins",
  "draws",
  "cursor",
  "admissions",
  "turns",
] as const;

export type Check = (typeof CHECKS)[number];

/** Something that is not as it has to be. */
export interface Finding {
  check: Check;
  /** Which entry shows it; `null` where none does. */
  entry: number | null;
  /** In plain words. */
  says: string;
}

/** Findings of one check that are kept to be told: one fault may make a million. */
const KEPT_MAX = 10;

/** Takes findings in, and counts those that are too many to be told. */
export class Findings {
  readonly #kept = new Map<Check, Finding[]>(CHECKS.map((check) => [check, []]));
  count = 0;

  add(check: Check, entry: number | null, says: string): void {
    const kept = this.#kept.get(check);
    this.count += 1;
    if (kept && kept.length < KEPT_MAX) kept.push({ check, entry, says });
  }

  /** The first of each check. */
  get kept(): Finding[] {
    return [...this.#kept.values()].flat();
  }
}
