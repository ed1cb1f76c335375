import { getTableColumns, getTableName } from "drizzle-orm";
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { onlyOf } from "./rebuild-run.ts";
import { LIVE_TABLES, REBUILT_TABLES } from "./tables.ts";

/*
 * The tables in use (`l`) against those that were made anew (`r`), row by row, in SQL. Chains are rebuilt up to the
 * head that they had when they were read, and the tables in use go on. A row that says what an event beyond that
 * head says is newer: the same transaction has written that event to `ledger_event`. It is counted, and left out.
 */

/** Rows of either side that one step compares: some ten milliseconds, and more where much is newer. */
const RANGE_ROWS = 2_000;

/** How two tables are compared. */
interface Comparison {
  live: SQLiteTable;
  rebuilt: SQLiteTable;
  /** Which rows in use are made of chains; all, where it is left out. */
  only?: string;
  /** Whether a row in use was brought by an event that was not rebuilt. */
  isNewer: string;
  /** Where it is not that one of the columns differs. */
  differs?: string;
  /** Rows are added, and never changed or removed. */
  isAppendOnly?: true;
}

const HEAD = "(SELECT coalesce(max(sequence), 0) FROM rebuilt_ledger_event WHERE sku = l.sku)";
const TRAIL_HEAD =
  "(SELECT coalesce(max(sequence), 0) FROM rebuilt_audit_entry WHERE chain = l.chain)";

/** In this order, since the others go by the events. */
const COMPARISONS: readonly Comparison[] = [
  {
    live: LIVE_TABLES.ledgerEvents,
    rebuilt: REBUILT_TABLES.ledgerEvents,
    isNewer: `l.sequence > ${HEAD} AND l.sku IN (SELECT sku FROM sale_item)`,
    // Rows of a version that wrote no hashes have none.
    differs: `(l.sale_id, l.at_ms, l.type, l.order_id, l.body, coalesce(l.hash, r.hash))
      IS NOT (r.sale_id, r.at_ms, r.type, r.order_id, r.body, r.hash)`,
    isAppendOnly: true,
  },
  {
    live: LIVE_TABLES.auditEntries,
    rebuilt: REBUILT_TABLES.auditEntries,
    isNewer: `l.sequence > ${TRAIL_HEAD}
      AND (l.chain = 'shop' OR l.chain IN (SELECT 'sale/' || sale_id FROM sale))`,
    isAppendOnly: true,
  },
  {
    live: LIVE_TABLES.orders,
    rebuilt: REBUILT_TABLES.orders,
    isNewer: eventBeyond(`
      e.order_id = l.order_id AND ${says("$.order", getTableColumns(LIVE_TABLES.orders))}`),
  },
  {
    live: LIVE_TABLES.payments,
    rebuilt: REBUILT_TABLES.payments,
    isNewer: eventBeyond(`
      e.order_id = l.order_id
      AND l.method = coalesce(e.body ->> '$.order.paymentMethod', 'card') AND ${says("$.order", {
        paymentAttempts: LIVE_TABLES.payments.attempt,
        paymentState: LIVE_TABLES.payments.state,
        paymentError: LIVE_TABLES.payments.error,
        ...amongOthers(LIVE_TABLES.payments, "attempt", "state", "error", "method"),
      })}`),
  },
  {
    live: LIVE_TABLES.stockLevels,
    rebuilt: REBUILT_TABLES.stockLevels,
    isNewer: eventBeyond(`
      e.sequence = l.sequence
      AND ${says("$.level", amongOthers(LIVE_TABLES.stockLevels, "sku", "saleId", "sequence"))}`),
  },
  {
    live: LIVE_TABLES.messages,
    rebuilt: REBUILT_TABLES.messages,
    // Reminders are this database's own.
    only: "l.kind <> 'sale_started'",
    isNewer: eventBeyond(`
      e.sequence = CAST(substr(l.event_id, length('item/' || l.sku || '/') + 1) AS INTEGER)
      AND l.event_id = 'item/' || e.sku || '/' || e.sequence`),
  },
];

/** How many there are to be compared, one after the other. */
export const COMPARISONS_COUNT = COMPARISONS.length;

function eventBeyond(condition: string): string {
  return `EXISTS (SELECT 1 FROM ledger_event e
    WHERE e.sku = l.sku AND e.sequence > ${HEAD} AND ${condition})`;
}

/** The event says of these fields what the row in use has in their columns. */
function says(path: string, columns: Record<string, SQLiteColumn>): string {
  const fields = Object.keys(columns).map((field) => `e.body ->> '${path}.${field}'`);
  const names = Object.values(columns).map(({ name }) => `l.${name}`);
  return `(${names.join(", ")}) IS (${fields.join(", ")})`;
}

function amongOthers(table: SQLiteTable, ...left: string[]): Record<string, SQLiteColumn> {
  return Object.fromEntries(
    Object.entries(getTableColumns(table)).filter(([field]) => !left.includes(field)),
  );
}

/** The values of a key. */
export type Key = (string | number)[];

/** What is wrong with a row, or that it is newer than what was rebuilt. */
export type Verdict = "missing" | "surplus" | "different" | "newer";

/** What a range of a table comes to. */
export interface RangeReport {
  table: string;
  /** Rows that were made anew. */
  rows: number;
  findings: { verdict: Verdict; key: Key }[];
  /** Rows that were put right. */
  mended: number;
  /** Where the next range begins; `null` after the last. */
  next: Key | null;
}

/**
 * Compares the next range of a table after a key, and puts right what differs where it may.
 *
 * @throws Error when the rebuilt tables are not that run's any more; nothing is changed then.
 */
export async function compareRange(
  db: D1Database,
  run: string,
  index: number,
  after: Key | null,
  mends: boolean,
): Promise<RangeReport> {
  const comparison = COMPARISONS[index];
  if (!comparison) throw new RangeError(`There is no comparison ${index}.`);
  const table = tableOf(comparison);
  const lowest: Key = after ?? table.key.map(() => "");
  const last = await db
    .prepare(endOfRange(table))
    .bind(...lowest)
    .first<Record<string, string | number>>();
  const end = last && Object.values(last);
  const texts = textsOf(comparison, table, end !== null);
  const bound = (text: string): D1PreparedStatement =>
    db.prepare(text).bind(...lowest, ...(end ?? []));
  const [, counted, found, ...changes] = await db.batch<Record<string, string | number>>([
    onlyOf(db, run),
    bound(texts.count),
    bound(texts.findings),
    ...(mends ? texts.mends.map(bound) : []),
  ]);
  return {
    table: table.live,
    rows: Number(counted?.results[0]?.["counted"]),
    findings: (found?.results ?? []).map(({ verdict, ...key }) => ({
      verdict: verdict as Verdict,
      key: Object.values(key),
    })),
    mended: changes.reduce((sum, { meta }) => sum + meta.changes, 0),
    next: end,
  };
}

/** Names of the tables and of their columns. */
interface TableNames {
  live: string;
  rebuilt: string;
  key: string[];
  rest: string[];
}

function tableOf({ live, rebuilt }: Comparison): TableNames {
  const { columns, primaryKeys } = getTableConfig(rebuilt);
  const ofKey = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary);
  const key = ofKey.map(({ name }) => name);
  const rest = columns.map(({ name }) => name).filter((name) => !key.includes(name));
  return { live: getTableName(live), rebuilt: getTableName(rebuilt), key, rest };
}

/** The key that a range ends with: neither side has more rows before it than a range may have. */
function endOfRange({ live, rebuilt, key }: TableNames): string {
  const [nthOfLive, nthOfRebuilt] = [live, rebuilt].map(
    (table) => `
      SELECT * FROM (
        SELECT ${list(key)} FROM ${table} WHERE (${list(key)}) > ${marks(key, 1)}
        ORDER BY ${list(key)} LIMIT 1 OFFSET ${RANGE_ROWS - 1}
      )`,
  );
  return `${nthOfLive} UNION ALL ${nthOfRebuilt} ORDER BY ${list(key)} LIMIT 1`;
}

function textsOf(
  { only = "true", isNewer, differs, isAppendOnly }: Comparison,
  { live, rebuilt, key, rest }: TableNames,
  hasEnd: boolean,
) {
  const upTo = (row: string): string =>
    hasEnd ? ` AND (${list(key, row)}) <= ${marks(key, key.length + 1)}` : "";
  const within = (row: string): string => `(${list(key, row)}) > ${marks(key, 1)}${upTo(row)}`;
  const same = `(${list(key, "r.")}) = (${list(key, "l.")})`;
  const other = differs ?? `(${list(rest, "l.")}) IS NOT (${list(rest, "r.")})`;
  const isMissing = `NOT EXISTS (SELECT 1 FROM ${live} l WHERE ${same})`;
  const isSurplus = `${only} AND NOT EXISTS (SELECT 1 FROM ${rebuilt} r WHERE ${same})`;
  const unlessNewer = (verdict: Verdict): string =>
    `CASE WHEN ${isNewer} THEN 'newer' ELSE '${verdict}' END AS verdict`;
  const add = `
    INSERT INTO ${live} (${list([...key, ...rest])})
    SELECT ${list([...key, ...rest], "r.")} FROM ${rebuilt} r WHERE ${within("r.")} AND ${isMissing}`;
  const remove = `
    DELETE FROM ${live} AS l WHERE ${within("l.")} AND ${isSurplus} AND NOT (${isNewer})`;
  const replace = `
    UPDATE ${live} AS l
    SET (${list(rest)}) = (SELECT ${list(rest, "r.")} FROM ${rebuilt} r WHERE ${same})
    WHERE ${within("l.")} AND NOT (${isNewer})
      AND EXISTS (SELECT 1 FROM ${rebuilt} r WHERE ${same} AND ${other})`;
  return {
    count: `SELECT count(*) AS counted FROM ${rebuilt} r WHERE ${within("r.")}`,
    findings: `
      SELECT 'missing' AS verdict, ${list(key, "r.")} FROM ${rebuilt} r
      WHERE ${within("r.")} AND ${isMissing}
      UNION ALL
      SELECT ${unlessNewer("surplus")}, ${list(key, "l.")} FROM ${live} l
      WHERE ${within("l.")} AND ${isSurplus}
      UNION ALL
      SELECT ${unlessNewer("different")}, ${list(key, "l.")}
      FROM ${rebuilt} r JOIN ${live} l ON ${same} WHERE ${within("r.")} AND ${other}`,
    mends: isAppendOnly ? [add] : [add, remove, replace],
  };
}

function list(names: readonly string[], row = ""): string {
  return names.map((name) => row + name).join(", ");
}

function marks(key: readonly string[], from: number): string {
  return `(${key.map((_, at) => `?${from + at}`).join(", ")})`;
}
