/** Tables with a row or a few, whatever is sold: a sale's or an item's own row, one an item, one a lane, one a batch. */
const CONSTANT_TABLES = new Set([
  "item",
  "sale",
  "level",
  "counter",
  "log_tree",
  "trail_mark",
  // Entries of what people do to a sale, read from its end.
  "trail",
  // Joins of the last quarter of a second.
  "waiting",
]);

/**
 * Indexes over a few rows of a large table: who asks for a pass and has none (capacity bounds them), and
 * who left and is still to be told of.
 */
const SMALL_INDEXES = new Set(["claim_asking", "place_untold"]);

/** Read from their ends: in the order of their key, until the first row is found. */
const READ_FROM_AN_END = new Set(["log_checkpoint"]);

/** The steps of these plans that go through a table which grows with the sale. */
export function scansOf(plans: readonly string[]): string[] {
  return plans.filter((step) => {
    const [, table = "", index = ""] =
      /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?$/.exec(step) ?? [];
    if (table === "" || step === "SCAN CONSTANT ROW") return false;
    return !CONSTANT_TABLES.has(table) && !READ_FROM_AN_END.has(table) && !SMALL_INDEXES.has(index);
  });
}
