/** Rows of a list, and the cursor of the next page when there is one. */
export interface Page<Row> {
  rows: Row[];
  cursor: string | null;
}
