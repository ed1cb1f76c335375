import { z } from "zod";
import { eventId, factIn, itemChain, skuOf, type ChainRow } from "../../../domain/books/chain.ts";
import type { TrailEntry, TrailPage } from "../../../domain/books/trail.ts";
import type { LedgerEvent, LedgerPage } from "../../../domain/purchase/ledger.ts";
import type { auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import { isTrailPage } from "../consumers/messages.ts";
import type { NamedRow } from "./attention.ts";

/*
 * What the projection makes of a chain's texts. They may be of an older or a newer version: what may be missing
 * gets its default, and what nobody knows stays in the text. A fact that still cannot be read is kept as it is
 * and named, and everything around it goes on.
 */

const whole = z.int();
const text = z.string();
const perhaps = text.nullable().default(null);

const Order = z.looseObject({
  orderId: text,
  saleId: text,
  sku: text,
  shopper: text,
  number: whole,
  quantity: whole,
  amount: whole,
  currency: text,
  status: text,
  version: whole,
  createdAtMs: whole,
  expiresAtMs: whole,
  updatedAtMs: whole,
  paymentState: perhaps,
  paymentAttempts: whole.default(0),
  paymentError: perhaps,
  paymentMethod: perhaps,
  paymentAttention: perhaps,
  paymentActionUrl: perhaps,
});

const Event = z.looseObject({
  sequence: whole,
  atMs: whole,
  type: text,
  quantity: whole.default(0),
  level: z.looseObject({ stock: whole, available: whole, held: whole, sold: whole }),
  order: Order.nullable(),
  reason: perhaps,
});

const Entry = z.looseObject({
  sequence: whole,
  atMs: whole,
  type: text,
  actor: text,
  reason: perhaps,
  detail: z.record(text, z.unknown()).default({}),
});

/** A row of a chain before it is read: its place, its text as it was hashed, and the text's value. */
interface RawFact {
  sequence: number;
  text: string;
  hash: string | null;
  value: unknown;
}

/** A fact that cannot be read. */
export interface Unreadable {
  eventId: string;
  saleId: string | null;
  sku: string | null;
  row: NamedRow;
  /** What is wrong with it. */
  detail: string;
}

/** Facts of an item: every row, and the events that could be read. */
export interface ItemReading {
  saleId: string;
  sku: string;
  events: LedgerEvent[];
  rows: (typeof ledgerEvents.$inferInsert)[];
  unreadable: Unreadable[];
}

/** Facts of a sale or of the shop: every row, and the entries that could be read. */
export interface TrailReading {
  chain: string;
  entries: TrailEntry[];
  rows: (typeof auditEntries.$inferInsert)[];
  unreadable: Unreadable[];
}

/** Facts of some chains. */
export interface Reading {
  items: ItemReading[];
  trails: TrailReading[];
}

/** Rows of a chain that follow one another, the first and the last included. */
export interface Extent {
  chain: string;
  fromSequence: number;
  throughSequence: number;
}

/** The chain that a page is of, and what it has of it. */
export function extentOf(page: LedgerPage | TrailPage): Extent {
  const { fromSequence } = page;
  const [chain, count] = isTrailPage(page)
    ? [page.chain, page.entries.length]
    : [itemChain(page.sku), page.events.length];
  return { chain, fromSequence, throughSequence: fromSequence + count - 1 };
}

/** Reads what owners sent. */
export function readPages(pages: readonly (LedgerPage | TrailPage)[]): Reading {
  const reading: Reading = { items: [], trails: [] };
  for (const page of pages) {
    const { fromSequence, hashes } = page;
    const [values, texts] = isTrailPage(page) ? [page.entries] : [page.events, page.texts];
    const facts = values.map((value: unknown, index) => ({
      sequence: fromSequence + index,
      // The text of a value that was read from its text: fields keep their order.
      text: texts?.[index] ?? JSON.stringify(value),
      hash: hashes?.[index] ?? null,
      value,
    }));
    if (isTrailPage(page)) reading.trails.push(readTrail(page.chain, facts));
    else reading.items.push(readItem(page.saleId, page.sku, facts));
  }
  return reading;
}

/** The event of a chain's row, as the projection reads it; `null` for one that it cannot read. */
export function readEvent({ sequence, text, hash }: ChainRow): LedgerEvent | null {
  const read = readFact(Event, { sequence, text, hash, value: factIn(text) });
  return read.ok ? (read.value as unknown as LedgerEvent) : null;
}

/** Reads rows of one chain, as its owner keeps them; `saleId` is an item's. */
export function readChainRows(chain: string, saleId: string, rows: readonly ChainRow[]): Reading {
  const facts = rows.map((row) => ({ ...row, value: factIn(row.text) }));
  const sku = skuOf(chain);
  return sku === null
    ? { items: [], trails: [readTrail(chain, facts)] }
    : { items: [readItem(saleId, sku, facts)], trails: [] };
}

function readItem(saleId: string, sku: string, facts: readonly RawFact[]): ItemReading {
  const reading: ItemReading = { saleId, sku, events: [], rows: [], unreadable: [] };
  for (const fact of facts) {
    const { sequence, text: body, hash } = fact;
    const read = readFact(Event, fact);
    const common = { sku, sequence, saleId, body, hash };
    if (read.ok) {
      const event = read.value as unknown as LedgerEvent;
      const { atMs, type, order } = event;
      reading.events.push(event);
      reading.rows.push({ ...common, atMs, type, orderId: order?.orderId ?? null });
    } else {
      reading.rows.push({ ...common, ...whatIsKnown(fact.value), orderId: null });
      const row = { table: "ledger_event", key: `${sku} ${sequence}` };
      const id = eventId(itemChain(sku), sequence);
      reading.unreadable.push({ eventId: id, saleId, sku, row, detail: read.detail });
    }
  }
  return reading;
}

function readTrail(chain: string, facts: readonly RawFact[]): TrailReading {
  const reading: TrailReading = { chain, entries: [], rows: [], unreadable: [] };
  for (const fact of facts) {
    const { sequence, text: body, hash } = fact;
    const read = readFact(Entry, fact);
    const common = { chain, sequence, body, hash: hash ?? "" };
    if (read.ok) {
      const entry = read.value as unknown as TrailEntry;
      const { atMs, type, actor } = entry;
      reading.entries.push(entry);
      reading.rows.push({ ...common, atMs, type, actor });
    } else {
      reading.rows.push({ ...common, ...whatIsKnown(fact.value), actor: "unknown" });
      const row = { table: "audit_entry", key: `${chain} ${sequence}` };
      const named = { eventId: eventId(chain, sequence), saleId: null, sku: null };
      reading.unreadable.push({ ...named, row, detail: read.detail });
    }
  }
  return reading;
}

/** A fact's value by its schema; it has to say the place that it stands at. */
function readFact(
  schema: typeof Event | typeof Entry,
  { sequence, value }: RawFact,
): { ok: true; value: object } | { ok: false; detail: string } {
  const result = schema.safeParse(value);
  if (!result.success) return { ok: false, detail: problemOf(result.error) };
  if (result.data.sequence === sequence) return { ok: true, value: result.data };
  return { ok: false, detail: `It says that it is number ${result.data.sequence}.` };
}

function problemOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "It"}: ${message}`).join("; ");
}

/** Time and kind of what cannot be read, as far as it has them. */
function whatIsKnown(value: unknown): { atMs: number; type: string } {
  const { atMs, type } = Object(value) as { atMs?: unknown; type?: unknown };
  return {
    atMs: Number.isSafeInteger(atMs) ? (atMs as number) : 0,
    type: typeof type === "string" ? type : "unreadable",
  };
}
