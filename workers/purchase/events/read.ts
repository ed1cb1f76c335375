import { and, asc, eq, gt } from "drizzle-orm";
import { auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import { eventId, itemChain, saleChain } from "../../../domain/books/chain.ts";
import { readPages } from "../books/reading.ts";
import { database } from "../database.ts";
import type { Page } from "../page.ts";
import { eventOfLedger, eventOfTrail } from "./from-facts.ts";
import type { DomainEvent } from "./schemas.ts";

/** Whose events: of one item, or of the sale itself and then of each of its items by name. */
export interface EventFilter {
  saleId: string;
  skus: readonly string[];
  ofSale: boolean;
}

/** A chain's row as the projection has it; `sku` is `null` in the sale's own chain. */
interface Row {
  sku: string | null;
  sequence: number;
  body: string;
}

/**
 * The events in so many rows of the projection, one chain after the other and oldest first in each: no object is
 * asked. A chain's rows may be written in any order; the list ends before one that is still missing, so that who
 * comes back with the cursor misses nothing. `cursor` names the last row that was read; `null`: there is none yet.
 */
export async function listEvents(
  env: Pick<PurchaseEnv, "DB">,
  { saleId, skus, ofSale }: EventFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<DomainEvent>> {
  const chains = [...(ofSale ? [null] : []), ...skus.toSorted()];
  const from = placeOf(cursor);
  const at = chains.findIndex((sku) => chainOf(saleId, sku) === from.chain);
  const rows: Row[] = [];
  let after = at < 0 ? 0 : from.sequence;
  for (const sku of chains.slice(Math.max(0, at))) {
    const stored = await storedRows(env, saleId, sku, after, limit - rows.length);
    const gapAt = stored.findIndex(({ sequence }, index) => sequence !== after + index + 1);
    rows.push(...stored.slice(0, gapAt < 0 ? stored.length : gapAt));
    if (gapAt >= 0 || rows.length === limit) break;
    after = 0;
  }
  const last = rows.at(-1);
  return {
    rows: rows.flatMap((row) => eventOf(saleId, row) ?? []),
    cursor: last ? eventId(chainOf(saleId, last.sku), last.sequence) : null,
  };
}

async function storedRows(
  env: Pick<PurchaseEnv, "DB">,
  saleId: string,
  sku: string | null,
  after: number,
  limit: number,
): Promise<Row[]> {
  const table = sku === null ? auditEntries : ledgerEvents;
  const { sequence, body } = table;
  const isOfChain =
    sku === null ? eq(auditEntries.chain, saleChain(saleId)) : eq(ledgerEvents.sku, sku);
  const rows = await database(env)
    .select({ sequence, body })
    .from(table)
    .where(and(isOfChain, gt(sequence, after)))
    .orderBy(asc(sequence))
    .limit(limit);
  return rows.map(({ sequence, body }) => ({ sku, sequence, body }));
}

/** The event that a row is told as, read as the projection reads it; `null` for one that nobody can read. */
function eventOf(saleId: string, { sku, sequence: fromSequence, body }: Row): DomainEvent | null {
  const facts = [JSON.parse(body) as never];
  if (sku === null) {
    const page = { chain: saleChain(saleId), fromSequence, entries: facts, hashes: [] };
    const [entry] = readPages([page]).trails.flatMap(({ entries }) => entries);
    return entry ? eventOfTrail(saleId, entry) : null;
  }
  const page = { saleId, sku, fromSequence, events: facts };
  const [event] = readPages([page]).items.flatMap(({ events }) => events);
  return event ? eventOfLedger(saleId, sku, event) : null;
}

function chainOf(saleId: string, sku: string | null): string {
  return sku === null ? saleChain(saleId) : itemChain(sku);
}

/** The place that a cursor names; one that is not ours starts the list anew: it is a bookmark, not a credential. */
function placeOf(cursor: string | null): { chain: string; sequence: number } {
  const { chain = "", digits = "0" } =
    /^(?<chain>.+)\/(?<digits>\d{1,15})$/.exec(cursor ?? "")?.groups ?? {};
  return { chain, sequence: Number(digits) };
}
