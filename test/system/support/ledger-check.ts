import { LedgerBook, type Counters, type LedgerRow } from "../../../sim/invariants/ledger-book.ts";
import { rowsOf } from "./objects.ts";

/** What an independent reading of a ledger comes to. */
export interface LedgerReading {
  /** Sequence of the first row that does not follow from the one before it; `null`: all do. */
  brokenAt: number | null;
  /** The hash of the last row, recomputed. */
  headHash: string;
  /** Counters recomputed from what each event says happened, not from what it says they are. */
  level: Counters;
}

/** Reads an item's ledger from its table: recomputes chain, sequence and counters. */
export async function readLedger(sku: DurableObjectStub): Promise<LedgerReading> {
  const rows = await rowsOf<LedgerRow & Record<string, SqlStorageValue>>(
    sku,
    "SELECT sequence, event, hash FROM ledger ORDER BY sequence",
  );
  const book = new LedgerBook();
  let brokenAt: number | null = null;
  for (const row of rows) if (book.enter(row).fault !== null) brokenAt ??= row.sequence;
  return { brokenAt, headHash: book.headHash, level: book.level };
}
