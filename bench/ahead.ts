import { isDeepStrictEqual } from "node:util";
import { type BooksRead, type BooksSources, readBooks } from "./books-evidence.ts";
import type { LedgerRow } from "./contract.ts";
import type { CrowdCounts } from "./crowd.ts";
import { collectEvidence, type Evidence, isSettled } from "./evidence.ts";
import type { Flooding } from "./run.ts";

/** Counting a crowd of 100,000 takes a few milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** What was read before the crowd was done. */
export interface Ahead {
  tables: Evidence;
  books: BooksRead;
}

/** What reading ahead needs. */
export interface AheadSources extends Pick<Flooding, "admin" | "sale"> {
  crowd: { counts(): CrowdCounts; readonly records: Evidence["records"] };
  books: BooksSources;
}

/**
 * Reads tables, messages and chains as soon as every unit is bought and nobody holds one: the last of the crowd are
 * told so by their next polls, which leaves the second process idle for as long. `null` where it does not come to that
 * before the crowd is done.
 */
export async function readAhead(
  { admin, books, crowd, sale }: AheadSources,
  crowdDone: AbortSignal,
): Promise<Ahead | null> {
  const { clock } = books;
  while (!isServed(crowd.counts(), sale.stock)) {
    if (crowdDone.aborted) return null;
    await clock.sleep(LOOK_EVERY_MS, crowdDone);
  }
  const tables = await collectEvidence(admin, sale, crowd.records, clock);
  return { tables, books: await readBooks(books, sale, tables.ledger) };
}

/**
 * Whether what was read ahead is what would be read now: it was settled, and the ledger, from which all of it is made,
 * has no row about an order that it had not then, nor any other in the place of one. A refusal may have come. What else
 * may have changed, the books tell, which are compared after this.
 */
export function isStanding({ tables }: Ahead, ledger: readonly LedgerRow[]): boolean {
  const { length } = tables.ledger;
  return (
    isSettled(tables) &&
    isDeepStrictEqual(ledger.slice(0, length), tables.ledger) &&
    ledger.slice(length).every(({ orderId = null }) => orderId === null)
  );
}

function isServed({ bought, held }: CrowdCounts, stock: number): boolean {
  return bought >= stock && held === 0;
}
