import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Difference } from "../../domain/books/reconcile.ts";
import type { TrailEntry } from "../../domain/books/trail.ts";
import { sealOrderId } from "../../domain/order-id.ts";
import { parseKeyring } from "../../domain/token.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import type { Sku } from "../../durable-objects/sku.ts";
import { auditLogOf } from "../../workers/purchase/books/owners.ts";
import { openAttention } from "../../workers/purchase/books/attention-list.ts";
import {
  lastReconciliations,
  reconcileAsked,
  reconcileDue,
  reconcileSku,
} from "../../workers/purchase/books/reconcile.ts";
import { eventually } from "./support/clock.ts";
import { bindings, createItem } from "./support/objects.ts";
import { SavedTables } from "./support/saved-tables.ts";
import { alarmAsks, bankOfTests, PaymentLine } from "./support/payments.ts";
import {
  checkoutOf,
  control,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  reservation,
  SECOND_MS,
} from "./support/samples.ts";

const { DB } = bindings;
const SKU = "books-phone";
const ITEM = { sku: SKU, saleId: "books-sale" };
/** Long after everything, so that nothing is on its way any more. */
const LATER_MS = NOON_MS + 12 * HOUR_MS;

const KEYS = parseKeyring(bindings.TOKEN_KEYS);

const orderOf = (shopper: string): string =>
  sealOrderId(KEYS, SKU, NOON_MS, new Uint8Array(10).fill(shopper.charCodeAt(0)));
const line = new PaymentLine(bankOfTests());

/** Runs what is due, twice: every message comes doubled. */
async function pay(item: DurableObjectStub<Sku>): Promise<void> {
  for (let asked = await alarmAsks(item); asked.length > 0; asked = await alarmAsks(item)) {
    await line.consume(...asked, ...asked);
    await line.consume(...asked);
  }
}

async function buy(item: DurableObjectStub<Sku>, shopper: string, ...tokens: string[]) {
  await item.reserve(reservation(shopper, { orderId: orderOf(shopper) }));
  for (const [index, paymentToken] of tokens.entries()) {
    const checkout = checkoutOf({ paymentToken, idempotencyKey: `checkout-${index}` });
    await item.checkout(orderOf(shopper), shopper, checkout);
    await pay(item);
  }
}

/**
 * A sale of five units with everything in it: bought by card, after a decline, refunded, in cash, called
 * off, an offer that was taken, a hold that expired.
 */
async function play(item: DurableObjectStub<Sku>): Promise<void> {
  const by = { actor: "staff:bea", reason: "a test" };
  await buy(item, "ada", "tok_ok");
  await buy(item, "ben", "tok_decline", "tok_webhook_twice");
  await buy(item, "cyd", "tok_timeout_ok");
  await item.reserve(reservation("dee", { orderId: orderOf("dee") }));
  await item.checkout(orderOf("dee"), "dee", checkoutOf({ paymentMethod: "cod" }));
  await item.reserve(reservation("eve", { orderId: orderOf("eve") }));
  await item.joinWaitlist({ orderId: orderOf("fay"), shopper: "fay", number: 6, quantity: 1 });
  await item.cancel(orderOf("eve"), "eve");
  await item.checkout(orderOf("fay"), "fay", checkoutOf());
  await pay(item);
  await item.refund(orderOf("cyd"), by);
  await pay(item);
  await item.reserve(reservation("gus", { orderId: orderOf("gus") }));
  vi.setSystemTime(Date.now() + 121 * SECOND_MS);
  await alarmAsks(item);
  await item.restock(2, "a pallet", "restock-1");
}

/** Waits until the tables have everything, and has every message delivered. */
async function settled(item: DurableObjectStub<Sku>): Promise<void> {
  await eventually(async () => {
    const { head, mirroredThrough } = await item.chain(Number.MAX_SAFE_INTEGER);
    expect(mirroredThrough).toBe(head.sequence);
  });
  await DB.batch([
    DB.prepare(
      `INSERT INTO notification SELECT event_id, shopper, kind, sale_id, order_id, '', '', created_at_ms
       FROM message WHERE true ON CONFLICT DO NOTHING`,
    ),
    DB.prepare("UPDATE message SET state = 'sent'"),
  ]);
}

const reconcile = () => reconcileSku(bindings, systemRuntime, ITEM, { secondLookMs: 0 });

/** A copy of a row with something else in it. */
const copied = (table: string, where: string, columns: string): string =>
  `INSERT INTO ${table} SELECT ${columns} FROM ${table} WHERE ${where}`;

const key = (shopper: string, attempt = 1): string => `${orderOf(shopper)}:${attempt}`;

const reserved = `item/${SKU}/2`;
const ORDER_COLUMNS = `sale_id, sku, shopper, number, quantity, amount, currency, status, version, created_at_ms,
  expires_at_ms, updated_at_ms, payment_state, payment_attempts, payment_error, payment_method,
  payment_attention, payment_action_url`;
const MESSAGE_COLUMNS = `kind, priority, sale_id, sku, order_id, created_at_ms, facts, state, attempts, next_at_ms,
  sent_at_ms, error`;
const CHARGE_COLUMNS = "amount, currency, state, asked, reason, ripens_at_ms";

/** Each is wrong in one way, straight in the database, and is found as this. */
const PLANTS: [what: string, statement: string, ...found: Partial<Difference>[]][] = [
  [
    "an order's row gone",
    `DELETE FROM orders WHERE order_id = '${orderOf("ada")}'`,
    { kind: "order_missing", table: "orders", key: orderOf("ada") },
  ],
  [
    "an amount changed",
    `UPDATE orders SET amount = 1 WHERE order_id = '${orderOf("ben")}'`,
    { kind: "order_changed", key: orderOf("ben"), field: "amount", expected: 49_900, found: 1 },
  ],
  [
    "a status changed",
    `UPDATE orders SET status = 'CONFIRMED' WHERE order_id = '${orderOf("cyd")}'`,
    { kind: "order_changed", key: orderOf("cyd"), field: "status", expected: "REFUNDED" },
  ],
  [
    "an order that nobody made",
    copied("orders", `order_id = '${orderOf("gus")}'`, `'${orderOf("zoe")}', ${ORDER_COLUMNS}`),
    { kind: "order_surplus", table: "orders", key: orderOf("zoe") },
  ],
  [
    "an attempt's row gone",
    `DELETE FROM payment WHERE order_id = '${orderOf("ben")}' AND attempt = 1`,
    { kind: "payment_missing", table: "payment", key: key("ben") },
  ],
  [
    "a payment's state changed",
    `UPDATE payment SET state = 'refunded' WHERE order_id = '${orderOf("fay")}'`,
    { kind: "payment_changed", key: key("fay"), field: "state", expected: "captured" },
  ],
  [
    "a message gone",
    `DELETE FROM message WHERE event_id = '${reserved}'`,
    { kind: "message_missing", table: "message", key: `${reserved} ada` },
    { kind: "notification_surplus", table: "notification", key: `${reserved} ada` },
  ],
  [
    "a message doubled",
    copied("message", `event_id = '${reserved}'`, `'item/${SKU}/3', shopper, ${MESSAGE_COLUMNS}`),
    { kind: "message_doubled", table: "message", key: `item/${SKU}/3 ada` },
    { kind: "notification_missing", key: `item/${SKU}/3 ada` },
  ],
  [
    "a message for nobody",
    copied("message", `event_id = '${reserved}'`, `'item/${SKU}/999', 'zoe', ${MESSAGE_COLUMNS}`),
    { kind: "message_surplus", table: "message", key: `item/${SKU}/999 zoe` },
    { kind: "notification_missing", key: `item/${SKU}/999 zoe` },
  ],
  [
    "a message of no order",
    copied(
      "message",
      `event_id = '${reserved}'`,
      `event_id, 'zoe', ${MESSAGE_COLUMNS.replace("order_id", "NULL")}`,
    ),
    { kind: "message_surplus", table: "message", key: `${reserved} zoe` },
  ],
  [
    "another sum in a message",
    `UPDATE message SET facts = replace(facts, '49900', '1') WHERE event_id = '${reserved}'`,
    { kind: "message_changed", table: "message", key: `${reserved} ada`, field: "facts" },
  ],
  [
    "a message that nobody delivers",
    `UPDATE message SET state = 'due' WHERE event_id = '${reserved}'`,
    { kind: "message_undelivered", key: `${reserved} ada`, expected: "sent", found: "due" },
  ],
  [
    "a copy gone from the mailbox",
    `DELETE FROM notification WHERE event_id = '${reserved}'`,
    { kind: "notification_missing", table: "notification", key: `${reserved} ada` },
  ],
  [
    "an event skipped",
    `DELETE FROM ledger_event WHERE sku = '${SKU}' AND sequence = 3`,
    { kind: "event_missing", table: "ledger_event", key: `item/${SKU}/3` },
  ],
  [
    "an event's text changed",
    `UPDATE ledger_event SET body = replace(body, '"number":1', '"number":2') WHERE sequence = 2`,
    { kind: "event_changed", key: `item/${SKU}/2`, field: "body.order.number", found: 2 },
  ],
  [
    "an event that never happened",
    `INSERT INTO ledger_event SELECT sku, 999, sale_id, at_ms, type, order_id, body, hash
     FROM ledger_event WHERE sequence = 2`,
    { kind: "event_surplus", table: "ledger_event", key: `item/${SKU}/999` },
  ],
  [
    "counters off by one",
    `UPDATE stock_level SET sold = sold + 1 WHERE sku = '${SKU}'`,
    { kind: "level_changed", table: "stock_level", key: SKU, field: "sold" },
  ],
  [
    "a charge gone from the provider's books",
    `DELETE FROM sandbox_payment WHERE idempotency_key = '${key("ada")}'`,
    { kind: "charge_missing", table: "sandbox_payment", key: key("ada"), expected: "captured" },
  ],
  [
    "a charge of another amount",
    `UPDATE sandbox_payment SET amount = 1 WHERE idempotency_key = '${key("ada")}'`,
    { kind: "charge_changed", table: "sandbox_booking", key: `${key("ada")} capture` },
    { kind: "charge_changed", table: "sandbox_booking", key: `${key("ada")} charge` },
    { kind: "charge_changed", table: "sandbox_payment", key: key("ada"), field: "amount" },
  ],
  [
    "a second charge",
    copied(
      "sandbox_payment",
      `idempotency_key = '${key("ada")}'`,
      `'${key("ada", 2)}', ${CHARGE_COLUMNS}`,
    ),
    { kind: "charge_changed", table: "sandbox_booking", key: key("ada", 2) },
    { kind: "charge_surplus", table: "sandbox_payment", key: key("ada", 2), found: "captured" },
  ],
  [
    "a charge without an order",
    copied(
      "sandbox_payment",
      `idempotency_key = '${key("ada")}'`,
      `'${key("zoe")}', ${CHARGE_COLUMNS}`,
    ),
    { kind: "charge_changed", table: "sandbox_booking", key: key("zoe") },
    { kind: "charge_surplus", table: "sandbox_payment", key: key("zoe") },
  ],
];

describe("the books of a sale", () => {
  const tables = new SavedTables();
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOON_MS });
    const item = await createItem({ ...ITEM, stock: 5 });
    await play(item);
    await settled(item);
    vi.setSystemTime(LATER_MS);
    await DB.batch([
      DB.prepare("INSERT INTO sale_item VALUES (?, ?)").bind(SKU, ITEM.saleId),
      DB.prepare("INSERT INTO sale VALUES (?, ?, '{}', ?, 1)").bind(
        ITEM.saleId,
        NOON_MS - HOUR_MS,
        JSON.stringify(control()),
      ),
    ]);
    await DB.exec("DROP TRIGGER ledger_event_refuses_update");
    await DB.exec("DROP TRIGGER ledger_event_refuses_delete");
    await tables.remember();
  });
  afterAll(() => vi.useRealTimers());

  it("balance", async () => {
    const { differences, figures } = await reconcile();
    expect(differences).toEqual([]);
    expect(figures).toEqual({
      events: 29,
      orders: 7,
      payments: 6,
      charges: 5,
      messages: 15,
      delivered: 15,
      unsettled: 0,
      units: { stock: 7, available: 3, held: 0, sold: 4 },
      money: {
        currency: "EUR",
        captured: 4 * 49_900,
        refunded: 49_900,
        confirmed: 3 * 49_900,
        inFlight: 0,
        byHand: 0,
        onDelivery: 49_900,
      },
    });
  });

  it.each(PLANTS)("with %s: found, named, and gone when put right", async (...plant) => {
    const [, statement, ...found] = plant;
    try {
      await DB.prepare(statement).run();
      const { count, differences } = await reconcile();
      expect(differences).toMatchObject(found);
      expect(count).toBe(found.length);
    } finally {
      await tables.restore();
    }
    expect((await reconcile()).differences).toEqual([]);
  });

  describe("of which a row is gone", () => {
    const asked = () =>
      reconcileAsked(bindings, systemRuntime, { saleId: null, sku: SKU }, null, {
        secondLookMs: 0,
      });
    const open = async () => (await openAttention(bindings, null, null, 10)).rows;
    const told = async (): Promise<TrailEntry[]> => {
      const { rows } = await auditLogOf(bindings).chain(0);
      return rows.map(({ text }) => JSON.parse(text) as TrailEntry);
    };
    const by = { actor: "staff:bea", reason: "rebuilt the table" };

    it("come before a person once, however often it is found, until somebody has put it right", async () => {
      await DB.prepare("DELETE FROM orders WHERE order_id = ?").bind(orderOf("ada")).run();
      await asked();
      vi.setSystemTime(LATER_MS + MINUTE_MS);
      await asked();
      const [item, ...others] = await open();
      expect(others).toEqual([]);
      expect(item).toMatchObject({
        kind: "difference",
        sku: SKU,
        rows: [{ kind: "order_missing", table: "orders", key: orderOf("ada") }],
        createdAtMs: LATER_MS,
        lastSeenAtMs: LATER_MS + MINUTE_MS,
      });
      expect(await lastReconciliations(bindings, ITEM.saleId)).toMatchObject([
        { sku: SKU, differences: 1, atMs: LATER_MS + MINUTE_MS, throughSequence: 29 },
      ]);
      expect(await told()).toMatchObject([
        { type: "differed", actor: "system:reconciliation", detail: { sku: SKU, count: 1 } },
      ]);

      const resolved = await bindings.BOOKS.resolveAttention(item?.itemId ?? "", by);
      expect(resolved).toMatchObject({
        ok: true,
        item: { resolvedBy: "staff:bea", note: by.reason },
      });
      expect(await bindings.BOOKS.resolveAttention(item?.itemId ?? "", by)).toMatchObject(resolved);
      expect(await open()).toEqual([]);
      await asked();
      expect(await open()).toMatchObject([{ itemId: item?.itemId, resolvedAtMs: null }]);
      expect((await told()).map(({ type, actor }) => [type, actor])).toEqual([
        ["differed", "system:reconciliation"],
        ["attention_resolved", "staff:bea"],
        ["differed", "system:reconciliation"],
      ]);
      expect(await bindings.BOOKS.resolveAttention("nothing", by)).toMatchObject({
        code: "not_found",
      });
    });

    it("are looked at every five minutes while it is gone, and no more once they are at rest", async () => {
      const lastAtMs = async () => (await lastReconciliations(bindings, ITEM.saleId))[0]?.atMs;
      const before = await lastAtMs();
      vi.setSystemTime(LATER_MS + 5 * MINUTE_MS);
      await reconcileDue(bindings, systemRuntime);
      expect(await lastAtMs()).toBe(before);
      await tables.restore();
      const atMs = [6, 11, 16, 30].map((minutes) => LATER_MS + minutes * MINUTE_MS);
      const looked = [];
      for (const now of atMs) {
        vi.setSystemTime(now);
        await reconcileDue(bindings, systemRuntime);
        looked.push(await lastAtMs());
      }
      expect(looked).toEqual([atMs[0], atMs[1], atMs[1], atMs[1]]);
    });
  });
});
