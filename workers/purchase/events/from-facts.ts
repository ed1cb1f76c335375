import { z } from "zod";
import { eventId, itemChain, saleChain } from "../../../domain/books/chain.ts";
import type { SaleTrailType, TrailEntry } from "../../../domain/books/trail.ts";
import { ITEM_EVENTS, type ItemEvent } from "../../../domain/purchase/item-events.ts";
import type { LedgerEvent, OrderRow } from "../../../domain/purchase/ledger.ts";
import { formatTime } from "../../../domain/time.ts";
import type { DomainEvent } from "./schemas.ts";

/** What is told of a fact, without what every event says. */
type Told = DomainEvent extends infer Event
  ? Event extends DomainEvent
    ? Pick<Event, "type" | "version" | "data">
    : never
  : never;

/** What a sale's facts are told as, as `ITEM_EVENTS` says of an item's; what staff do is in the audit. */
export const SALE_EVENTS: Readonly<
  Record<SaleTrailType, "FlashSaleStarted" | "FlashSaleEnded" | null>
> = {
  created: null,
  started: "FlashSaleStarted",
  ended: "FlashSaleEnded",
  commanded: null,
  changed: null,
  adjusted: null,
  revoked: null,
  randomness_brought: null,
};

const whole = z.int();
/** What the entry of a start says … */
const Start = z.object({
  startsAtMs: whole,
  endsAtMs: whole,
  stock: z.record(z.string(), whole),
});
/** … and of an end. */
const End = z.object({
  why: z.string().optional(),
  endsAtMs: whole,
  levels: z.array(
    z.object({ sku: z.string(), stock: whole, available: whole, held: whole, sold: whole }),
  ),
});

/** The event that a row of an item's ledger is told as, whatever its version; `null` when it is not told. */
export function eventOfLedger(saleId: string, sku: string, row: LedgerEvent): DomainEvent | null {
  const kind = rowOf(ITEM_EVENTS, row.type);
  const told = kind && toldOfItem(kind, row);
  return told && withEnvelope(told, itemChain(sku), saleId, row, sku);
}

/** The event that an entry of a sale's chain is told as; `null` when it is not told. */
export function eventOfTrail(saleId: string, entry: TrailEntry): DomainEvent | null {
  const told = toldOfSale(entry);
  return told && withEnvelope(told, saleChain(saleId), saleId, entry);
}

/** What a table says of a type; `null` of one that only another version knows. */
function rowOf<Row>(table: Readonly<Record<string, Row>>, type: string): Row | null {
  return Object.hasOwn(table, type) ? (table[type] ?? null) : null;
}

function withEnvelope(
  { type, version, data }: Told,
  chain: string,
  saleId: string,
  { sequence, atMs, traceparent }: Pick<LedgerEvent, "sequence" | "atMs" | "traceparent">,
  sku?: string,
): DomainEvent {
  return {
    id: eventId(chain, sequence),
    type,
    version,
    time: formatTime(atMs),
    sequence,
    ...(traceparent === undefined ? {} : { traceparent }),
    saleId,
    ...(sku === undefined ? {} : { sku }),
    data,
  } as DomainEvent;
}

function toldOfItem(kind: ItemEvent, { order, reason, refusals = {} }: LedgerEvent): Told | null {
  const version = 1;
  if (kind.type === "ReservationFailed") {
    const count = Object.values(refusals).reduce((sum, some) => sum + some, 0);
    return { type: kind.type, version, data: { count, reasons: { ...refusals } } };
  }
  if (!order) return null;
  const { orderId, shopper: userId, quantity } = order;
  const total = { amount: order.amount, currency: order.currency };
  const common = { orderId, userId, quantity };
  const why = reason === null ? {} : { reason };
  switch (kind.type) {
    case "InventoryReserved":
    case "WaitlistOffered": {
      const expiresAt = formatTime(order.expiresAtMs);
      return { type: kind.type, version, data: { ...common, total, expiresAt } };
    }
    case "ReservationExpired":
      return { type: kind.type, version, data: common };
    case "PaymentProcessed": {
      const { status } = kind;
      const { paymentError: error } = order;
      const isOver = status === "declined" || status === "failed";
      const because = isOver && error !== null ? { reason: error } : why;
      const data = { ...common, ...paymentOf(order), status, amount: total, ...because };
      return { type: kind.type, version, data };
    }
    case "OrderConfirmed": {
      const { paymentState: paymentStatus, paymentMethod } = order;
      const data = {
        ...common,
        ...paymentOf(order),
        total,
        ...(paymentMethod === null ? {} : { paymentMethod }),
        ...(paymentStatus === null ? {} : { paymentStatus }),
      };
      return { type: kind.type, version, data };
    }
    case "OrderCancelled":
      return { type: kind.type, version, data: { ...common, by: kind.by, ...why } };
    case "OrderRefunded": {
      const data = { ...common, ...paymentOf(order), amount: total, ...why };
      return { type: kind.type, version, data };
    }
  }
}

/** The attempt to pay that an order's row tells of. */
function paymentOf({ orderId, paymentAttempts }: OrderRow): { paymentId: string } {
  return { paymentId: `${orderId}:${paymentAttempts}` };
}

function toldOfSale({ type, detail }: TrailEntry): Told | null {
  const version = 1;
  switch (rowOf(SALE_EVENTS, type)) {
    case "FlashSaleStarted": {
      const { success, data: start } = Start.safeParse(detail);
      if (!success) return null;
      const startsAt = formatTime(start.startsAtMs);
      const endsAt = formatTime(start.endsAtMs);
      const items = Object.entries(start.stock).map(([sku, stock]) => ({ sku, stock }));
      const totalStock = items.reduce((sum, { stock }) => sum + stock, 0);
      return { type: "FlashSaleStarted", version, data: { startsAt, endsAt, totalStock, items } };
    }
    case "FlashSaleEnded": {
      const { success, data: end } = End.safeParse(detail);
      if (!success) return null;
      const by = end.why === "command" ? "staff" : "time";
      const data = { endsAt: formatTime(end.endsAtMs), by, items: end.levels } as const;
      return { type: "FlashSaleEnded", version, data };
    }
    case null:
      return null;
  }
}
