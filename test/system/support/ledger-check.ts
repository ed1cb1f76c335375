import { createHash } from "node:crypto";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { rowsOf } from "./objects.ts";

/** What an independent reading of a ledger comes to. */
export interface LedgerReading {
  /** Sequence of the first row that does not follow from the one before it; `null`: all do. */
  brokenAt: number | null;
  /** The hash of the last row, recomputed. */
  headHash: string;
  /** Counters recomputed from what each event says happened, not from what it says they are. */
  level: { stock: number; available: number; held: number; sold: number };
}

interface LedgerRow extends Record<string, SqlStorageValue> {
  sequence: number;
  event: string;
  hash: string;
}

/** What each event moves, as a second bookkeeper would write it down. */
function apply(level: LedgerReading["level"], { type, quantity }: LedgerEvent): void {
  switch (type) {
    case "created":
    case "restocked":
      level.stock += quantity;
      level.available += quantity;
      break;
    case "reserved":
      level.available -= quantity;
      level.held += quantity;
      break;
    case "confirmed":
      level.held -= quantity;
      level.sold += quantity;
      break;
    case "payment_failed":
    case "expired":
    case "cancelled":
      level.held -= quantity;
      level.available += quantity;
      break;
    case "payment_pending":
    case "payment_declined":
    case "captured":
    case "voided":
      break;
  }
}

/** Reads an item's ledger from its table: recomputes chain, sequence and counters. */
export async function readLedger(sku: DurableObjectStub): Promise<LedgerReading> {
  const rows = await rowsOf<LedgerRow>(sku, "SELECT * FROM ledger ORDER BY sequence");
  const level = { stock: 0, available: 0, held: 0, sold: 0 };
  let headHash = "0".repeat(64);
  let brokenAt: number | null = null;
  for (const [index, row] of rows.entries()) {
    headHash = createHash("sha256").update(`${headHash}\n${row.event}`).digest("hex");
    const event = JSON.parse(row.event) as LedgerEvent;
    apply(level, event);
    const { stock, available, held, sold } = event.level;
    const agrees =
      row.hash === headHash &&
      row.sequence === index + 1 &&
      event.sequence === index + 1 &&
      JSON.stringify({ stock, available, held, sold }) === JSON.stringify(level);
    if (!agrees) brokenAt ??= row.sequence;
  }
  return { brokenAt, headHash, level };
}
