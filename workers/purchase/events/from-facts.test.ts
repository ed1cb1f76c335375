import { assert, constantFrom, integer, option, property, record, string, nat } from "fast-check";
import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment, SECOND_MS } from "../../../test/system/support/samples.ts";
import type { SaleTrailType, TrailEntry } from "../../../domain/books/trail.ts";
import type { OrderStatus } from "../../../domain/purchase/hold.ts";
import { ITEM_EVENTS } from "../../../domain/purchase/item-events.ts";
import { orderRow, type LedgerEvent, type LedgerType } from "../../../domain/purchase/ledger.ts";
import { eventOfLedger, eventOfTrail, SALE_EVENTS } from "./from-facts.ts";
import { DomainEvent } from "./schemas.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TYPES = Object.keys(ITEM_EVENTS) as LedgerType[];
const NOON = "2040-06-01T12:00:00.000Z";
const TOTAL = { amount: 49_900, currency: "EUR" };
const ORDER = { orderId: "order-1", userId: "ada", quantity: 1 };
const PAID = { ...ORDER, paymentId: "order-1:1" };

function row(type: LedgerType, changes: Partial<LedgerEvent> = {}): LedgerEvent {
  const order = orderRow("drop", "phone", hold({ payment: payment({ state: "authorised" }) }));
  const at = { sequence: 7, atMs: NOON_MS, type };
  return { ...at, quantity: 1, level: level(10, 1), order, reason: null, ...changes };
}

function entry(type: TrailEntry["type"], detail: Record<string, unknown>): TrailEntry {
  return { v: 1, sequence: 2, atMs: NOON_MS, type, actor: "system:clock", reason: null, detail };
}

describe("a row of an item's ledger", () => {
  it.each<[LedgerType, string, object]>([
    [
      "reserved",
      "InventoryReserved",
      { ...ORDER, total: TOTAL, expiresAt: "2040-06-01T12:02:00.000Z" },
    ],
    [
      "offered",
      "WaitlistOffered",
      { ...ORDER, total: TOTAL, expiresAt: "2040-06-01T12:02:00.000Z" },
    ],
    ["expired", "ReservationExpired", ORDER],
    ["payment_declined", "PaymentProcessed", { ...PAID, status: "declined", amount: TOTAL }],
    ["payment_failed", "PaymentProcessed", { ...PAID, status: "failed", amount: TOTAL }],
    ["captured", "PaymentProcessed", { ...PAID, status: "captured", amount: TOTAL }],
    ["voided", "PaymentProcessed", { ...PAID, status: "voided", amount: TOTAL }],
    ["paid_back", "PaymentProcessed", { ...PAID, status: "refunded", amount: TOTAL }],
    [
      "confirmed",
      "OrderConfirmed",
      { ...PAID, total: TOTAL, paymentMethod: "card", paymentStatus: "authorised" },
    ],
    [
      "cash_confirmed",
      "OrderConfirmed",
      { ...PAID, total: TOTAL, paymentMethod: "card", paymentStatus: "authorised" },
    ],
    ["cancelled", "OrderCancelled", { ...ORDER, by: "shopper" }],
    ["called_off", "OrderCancelled", { ...ORDER, by: "staff" }],
    ["refunded", "OrderRefunded", { ...PAID, amount: TOTAL }],
  ])("%s is told as %s", (type, told, data) => {
    expect(eventOfLedger("drop", "phone", row(type))).toEqual({
      id: "item/phone/7",
      type: told,
      version: 1,
      time: NOON,
      sequence: 7,
      saleId: "drop",
      sku: "phone",
      data,
    });
  });

  it("counts refusals", () => {
    const refused = row("refused", { order: null, refusals: { sold_out: 790, limit_reached: 22 } });
    expect(eventOfLedger("drop", "phone", refused)).toMatchObject({
      type: "ReservationFailed",
      data: { count: 812, reasons: { sold_out: 790, limit_reached: 22 } },
    });
  });

  it("says why: the provider's reason of a payment that failed, a person's of a refund", () => {
    const declined = hold({ payment: payment({ state: "declined", lastError: "card_declined" }) });
    const order = orderRow("drop", "phone", declined);
    const data = (type: LedgerType, reason: string | null) =>
      eventOfLedger("drop", "phone", row(type, { order, reason }))?.data;
    expect(data("payment_declined", null)).toMatchObject({ reason: "card_declined" });
    expect(data("refunded", "Broken.")).toMatchObject({ reason: "Broken." });
    expect(data("called_off", "Moved.")).toMatchObject({ reason: "Moved." });
    expect(data("captured", null)).not.toHaveProperty("reason");
  });

  it("goes on with the trace of its request", () => {
    const traced = row("reserved", { traceparent: TRACEPARENT });
    expect(eventOfLedger("drop", "phone", traced)?.traceparent).toBe(TRACEPARENT);
  });

  it.each<LedgerType>(TYPES.filter((type) => ITEM_EVENTS[type] === null))(
    "%s is nobody else's business",
    (type) => {
      expect(eventOfLedger("drop", "phone", row(type))).toBeNull();
    },
  );

  it("of a newer version that has no order, or is of a kind that nobody knows, is passed over", () => {
    expect(eventOfLedger("drop", "phone", row("reserved", { order: null }))).toBeNull();
    for (const type of ["settled", "constructor", "__proto__"] as unknown as LedgerType[])
      expect(eventOfLedger("drop", "phone", row(type))).toBeNull();
  });

  it("is at most one event, valid by its schema, that names nobody but by the subject", () => {
    const anyText = string({ minLength: 1, maxLength: 20 });
    const anyRow = record({
      type: constantFrom(...TYPES),
      status: constantFrom<OrderStatus>("RESERVED", "CONFIRMED", "REFUNDED"),
      reason: option(anyText),
      lastError: option(anyText),
      refusals: option(record({ sold_out: nat(), busy: nat() }), { nil: undefined }),
      late: nat(SECOND_MS),
      attempt: integer({ min: 1, max: 3 }),
    }).map(({ type, status, reason, lastError, refusals, late, attempt }) => {
      const paid = payment({ attempt, lastError, token: "tok_secret" });
      const order = orderRow("drop", "phone", hold({ status, payment: paid, address: "net" }));
      const from = { address: "net-hash", device: "device-hash", actor: "staff:eve" };
      const more = refusals === undefined ? {} : { refusals };
      return row(type, { order, reason, atMs: NOON_MS + late, ...from, ...more });
    });
    assert(
      property(anyRow, (row) => {
        const event = eventOfLedger("drop", "phone", row);
        expect(event === null).toBe(ITEM_EVENTS[row.type] === null);
        if (!event) return;
        expect(DomainEvent.parse(event)).toEqual(event);
        expect(JSON.stringify(event)).not.toMatch(/net-hash|device-hash|staff:eve|tok_secret/);
      }),
    );
  });
});

describe("an entry of a sale's chain", () => {
  const times = { startsAtMs: NOON_MS, endsAtMs: NOON_MS + 60 * SECOND_MS };

  it("tells of the start with all that is for sale", () => {
    const started = entry("started", { ...times, stock: { phone: 3, tablet: 4 } });
    expect(eventOfTrail("drop", started)).toEqual({
      id: "sale/drop/2",
      type: "FlashSaleStarted",
      version: 1,
      time: NOON,
      sequence: 2,
      saleId: "drop",
      data: {
        startsAt: NOON,
        endsAt: "2040-06-01T12:01:00.000Z",
        totalStock: 7,
        items: [
          { sku: "phone", stock: 3 },
          { sku: "tablet", stock: 4 },
        ],
      },
    });
  });

  it.each([
    ["time", "time"],
    ["command", "staff"],
  ])("tells of the end by %s", (why, by) => {
    const ended = entry("ended", {
      why,
      endsAtMs: NOON_MS,
      levels: [{ ...level(5, 1, 2), waiting: 3 }],
    });
    const event = eventOfTrail("drop", ended);
    expect(event).toMatchObject({ type: "FlashSaleEnded", sequence: 2 });
    const items = [{ sku: "phone", stock: 5, available: 2, held: 1, sold: 2 }];
    expect(event?.data).toEqual({ endsAt: NOON, by, items });
    expect(DomainEvent.parse(event)).toEqual(event);
  });

  it("that is another, or says too little, is passed over", () => {
    const types = Object.keys(SALE_EVENTS) as SaleTrailType[];
    for (const type of [...types, "anchored", "toString"] as TrailEntry["type"][])
      expect(eventOfTrail("drop", entry(type, {}))).toBeNull();
  });
});
