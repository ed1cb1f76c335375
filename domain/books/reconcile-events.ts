import type { StockLevel } from "../purchase/sale.ts";
import { eventId, itemChain } from "./chain.ts";
import { fieldDifferences, type Difference, type Scalar } from "./reconcile.ts";
import type { ItemFact } from "./reconcile-rows.ts";

/** A row of the table of events. */
export interface EventRow {
  sequence: number;
  saleId: string;
  atMs: number;
  type: string;
  orderId: string | null;
  body: string;
  /** `null` in rows of an older version. */
  hash: string | null;
}

/** The columns beside the body: all of them are in it, but for the hash. */
const EVENT_COLUMNS = ["atMs", "type", "orderId", "hash"] as const;
type EventColumns = Pick<EventRow, (typeof EVENT_COLUMNS)[number]>;

/** The row of an item's counters. */
export interface LevelRow extends StockLevel {
  saleId: string;
  sequence: number;
}

/**
 * Compares rows of a chain with the rows of the table that have the same sequences.
 *
 * @param mark events up to here are acknowledged: they have to be there.
 */
export function eventDifferences(
  sku: string,
  chain: readonly ItemFact[],
  table: readonly EventRow[],
  mark: number,
): Difference[] {
  const found = new Map(table.map((row) => [row.sequence, row]));
  return chain.flatMap((row) => {
    const other = found.get(row.sequence);
    if (other) return changedFields(sku, row, other);
    return row.sequence <= mark ? [named("event_missing", sku, row.sequence)] : [];
  });
}

/** A row of the table behind the end of the chain. */
export function surplusEvent(sku: string, sequence: number): Difference {
  return named("event_surplus", sku, sequence);
}

/**
 * Compares the row of counters with the event that it was made from.
 *
 * @param expected the counters after the event of the row's sequence; `null` when there is no such event.
 * @param mark the row is at least this far.
 */
export function levelDifferences(
  sku: string,
  expected: StockLevel | null,
  found: LevelRow | null,
  mark: number,
): Difference[] {
  const row = { table: "stock_level", key: sku };
  if (!found) return mark > 0 ? [{ kind: "level_missing", ...row }] : [];
  if (!expected || found.sequence < mark) {
    const ofSequence = { field: "sequence", expected: mark, found: found.sequence };
    return [{ kind: "level_changed", ...row, ...ofSequence }];
  }
  const fields = ["stock", "available", "held", "sold"] as const;
  return fieldDifferences<StockLevel>({ kind: "level_changed", ...row }, fields, expected, found);
}

function named(kind: Difference["kind"], sku: string, sequence: number): Difference {
  return { kind, table: "ledger_event", key: eventId(itemChain(sku), sequence) };
}

function changedFields(sku: string, row: ItemFact, found: EventRow): Difference[] {
  const difference = named("event_changed", sku, row.sequence);
  if (row.text !== found.body) {
    const { path, expected, found: other } = firstDifference(row.text, found.body);
    return [{ ...difference, field: path, expected, found: other }];
  }
  const { hash, event } = row;
  const { atMs, type } = event ?? found;
  const orderId = event?.order?.orderId ?? null;
  const columns: EventColumns = { atMs, type, orderId, hash };
  const others = { ...found, hash: found.hash ?? hash };
  return fieldDifferences(difference, EVENT_COLUMNS, columns, others);
}

/** Where two JSON texts differ first, and what each says there; `body` where one cannot be read, or only the writing differs. */
function firstDifference(
  one: string,
  other: string,
): { path: string; expected: Scalar; found: Scalar } {
  try {
    const walked = walk("body", JSON.parse(one), JSON.parse(other));
    if (walked) return walked;
  } catch {
    // One of them is no JSON: as a whole they differ.
  }
  return { path: "body", expected: one, found: other };
}

function walk(
  path: string,
  one: unknown,
  other: unknown,
): { path: string; expected: Scalar; found: Scalar } | null {
  if (isObject(one) && isObject(other)) {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const walked = walk(`${path}.${name}`, one[name], other[name]);
      if (walked) return walked;
    }
    return null;
  }
  return one === other ? null : { path, expected: scalar(one), found: scalar(other) };
}

function scalar(value: unknown): Scalar {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return (value ?? null) as Scalar;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
