/** What somebody who joined can show for it: the entry, where it stands, and a signed head that covers it. */
export interface Receipt {
  /** The entry's text, as it was hashed. */
  leaf: string;
  /** Where it stands in the log, from 0. */
  index: number;
  /** A signed checkpoint of a size above `index`. */
  checkpoint: string;
}
