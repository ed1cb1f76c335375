/** What can be wrong with a chain. */
export type FindingKind =
  /** The hash of a row is not that of its text after the row before it. */
  | "changed"
  /** It follows a row that is wrong itself, and cannot be judged. */
  | "unlinked"
  /** Two rows stand in each other's place. */
  | "swapped"
  /** Rows are not there, though later ones are. */
  | "missing"
  /** A row that the chain does not have. */
  | "added"
  /** The chain ended later once: its last rows are gone. */
  | "cut"
  /** From this row on, or from one before it, the chain is not the one that others have seen. */
  | "forked"
  /** Rows have waited too long for an anchor. */
  | "unanchored"
  /** What stands there is no row at all. */
  | "unreadable";

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
