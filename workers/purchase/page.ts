/** Rows of a list, and the cursor of the next page when there is one. */
export interface Page<Row> {
  rows: Row[];
  cursor: string | null;
  /** Of what was read: a later read that brings it sees no less. Services of an older version give none. */
  bookmark?: string | null;
}
