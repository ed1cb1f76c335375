/** Something that keeps a log from being checked at all: an address, a network, a file. Exit code 2. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** What is checked, each in a module of its own. */
export type Check =
  | "signature"
  | "head"
  | "tiles"
  | "earlier heads"
  | "receipts"
  | "entries"
  | "joins"
  | "draws"
  | "cursor"
  | "admissions"
  | "turns";

/** Something that is not as it has to be. */
export interface Finding {
  check: Check;
  /** Which entry shows it; `null` where none does. */
  entry: number | null;
  /** In plain words. */
  says: string;
}

/** Findings that are kept to be told: one fault may make a million. */
const KEPT_MAX = 100;

/** Takes findings in, and counts those that are too many to be told. */
export class Findings {
  readonly kept: Finding[] = [];
  count = 0;

  add(check: Check, entry: number | null, says: string): void {
    this.count += 1;
    if (this.kept.length < KEPT_MAX) this.kept.push({ check, entry, says });
  }
}
