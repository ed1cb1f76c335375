/** What can be wrong with a chain. */
export const FINDING_KINDS = [
  /** The hash of a row is not that of its text after the row before it, or others have it differently. */
  "changed",
  /** It follows a row that is wrong itself, and cannot be judged. */
  "unlinked",
  /** Two rows stand in each other's place. */
  "swapped",
  /** Rows are not there, though later ones are. */
  "missing",
  /** A row that the chain does not have. */
  "added",
  /** The chain ended later once: its last rows are gone. */
  "cut",
  /** From this row on, or from one up to it, the chain is not the one that others have seen. */
  "forked",
  /** Rows have waited too long for an anchor. */
  "unanchored",
  /** What stands there is no row at all. */
  "unreadable",
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** Something that is wrong, and where. */
export interface Finding {
  chain: string;
  /** The row, or the first of those that it is about. */
  sequence: number;
  kind: FindingKind;
  /** What it was seen by: the chain itself, its mirror in the database, or an anchor in the shop's chain. */
  seenBy: "chain" | "mirror" | "anchor";
  /** What was seen, as a sentence. */
  detail: string;
}
