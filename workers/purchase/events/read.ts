import { and, asc, eq, gt } from "drizzle-orm";
import { auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import { itemChain, saleChain } from "../../../domain/books/chain.ts";
import { readChainRows } from "../books/reading.ts";
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
 * asked. A chain's rows may be written in any order; it is read up to one that is still missing, and all chains go
 * on from where they were, so that who comes back with the cursor misses nothing. `cursor` says how far each chain
 * was read; `null`: there is nothing yet.
 */
export async function listEvents(
  env: Pick<PurchaseEnv, "DB">,
  { saleId, skus, ofSale }: EventFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<DomainEvent>> {
  const chains = [...(ofSale ? [null] : []), ...skus.toSorted()];
  const name = chainOf(saleId, chains[0] ?? null);
  const places = placesOf(cursor, name, chains.length);
  const rows: Row[] = [];
  for (const [index, sku] of chains.entries()) {
    const after = places[index] ?? 0;
    const stored = await storedRows(env, saleId, sku, after, limit - rows.length);
    const gapAt = stored.findIndex(({ sequence }, at) => sequence !== after + at + 1);
    const whole = stored.slice(0, gapAt < 0 ? stored.length : gapAt);
    rows.push(...whole);
    places[index] = after + whole.length;
    if (rows.length === limit) break;
  }
  return {
    rows: rows.flatMap((row) => eventOf(saleId, row) ?? []),
    cursor: rows.length === 0 ? null : `${name}/${places.join(".")}`,
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
function eventOf(saleId: string, { sku, sequence, body: text }: Row): DomainEvent | null {
  const row = { sequence, text, hash: "" };
  const { items, trails } = readChainRows(chainOf(saleId, sku), saleId, [row]);
  const [event] = items.flatMap(({ events }) => events);
  if (sku !== null) return event ? eventOfLedger(saleId, sku, event) : null;
  const [entry] = trails.flatMap(({ entries }) => entries);
  return entry ? eventOfTrail(saleId, entry) : null;
}

function chainOf(saleId: string, sku: string | null): string {
  return sku === null ? saleChain(saleId) : itemChain(sku);
}

/** How far each chain was read; a cursor that is not of this list starts it anew: it is a bookmark, not a credential. */
function placesOf(cursor: string | null, name: string, count: number): number[] {
  const [, of, digits = ""] = /^(.+)\/(\d{1,15}(?:\.\d{1,15})*)$/.exec(cursor ?? "") ?? [];
  const places = digits.split(".").map(Number);
  return of === name && places.length === count ? places : Array.from({ length: count }, () => 0);
}
