import { beforeEach, describe, expect, it } from "vitest";
import type { BooksFigures, Reconciliation } from "../../../domain/books/reconcile.ts";
import { sealOrderId } from "../../../domain/order-id.ts";
import {
  ADMIN_TOKEN,
  FakeGateway,
  NOON_MS,
  refusal,
  sampleOrder,
} from "../testing/fake-gateway.ts";

const ADMIN = "/api/v1/admin";
const NOON = "2026-11-21T12:00:00.000Z";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const difference = {
  kind: "order_changed",
  table: "orders",
  key: "phone-1.x.y",
  field: "amount",
  expected: 49_900,
  found: null,
} as const;
const item = {
  itemId: "difference-phone-1.12ab",
  kind: "difference",
  saleId: "drop",
  sku: "phone-1",
  rows: [difference],
  detail: "orders phone-1.x.y is not what its events say.",
  createdAtMs: NOON_MS,
  lastSeenAtMs: NOON_MS,
  resolvedAtMs: null,
  resolvedBy: null,
  note: null,
};
const itemView = {
  itemId: item.itemId,
  kind: "difference",
  saleId: "drop",
  sku: "phone-1",
  rows: [difference],
  detail: item.detail,
  createdAt: NOON,
  lastSeenAt: NOON,
};
const figures: BooksFigures = {
  events: 9,
  orders: 3,
  payments: 2,
  charges: null,
  messages: 4,
  delivered: 4,
  unsettled: 0,
  units: { stock: 5, available: 2, held: 1, sold: 2 },
  money: {
    currency: "EUR",
    captured: 99_800,
    refunded: 0,
    confirmed: 99_800,
    inFlight: 0,
    byHand: 0,
    onDelivery: 0,
  },
};
const outcome = { sku: "phone-1", saleId: "drop", throughSequence: 9, figures };

let gateway: FakeGateway;
let calls: unknown[][];

/** What the books answer to everything. */
function booksAnswer(answer: unknown): void {
  gateway.onBooks = (method, args) => {
    calls.push([method, ...args]);
    return answer;
  };
}

beforeEach(() => {
  gateway = new FakeGateway();
  calls = [];
});

describe("a reconciliation", () => {
  const result: Reconciliation = { ...outcome, ok: false, count: 1, differences: [difference] };

  it.each([
    [{ saleId: "drop" }, { saleId: "drop", sku: null }, null],
    [{ sku: "phone-1" }, { saleId: null, sku: "phone-1" }, null],
    [{ cursor: "phone-1" }, { saleId: null, sku: null }, "phone-1"],
  ])("of %j is made, and says what differs and where to go on", async (json, filter, cursor) => {
    booksAnswer({ rows: [result], cursor: "phone-1" });
    const operator = await gateway.bearer("u_olga", ["operator"]);
    const answer = await gateway.send("POST", `${ADMIN}/reconcile`, { headers: operator, json });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ items: [result], cursor: "phone-1" });
    expect(calls).toEqual([["reconcile", filter, cursor]]);
  });

  it("is for operators; viewers see the last one", async () => {
    const viewer = await gateway.bearer("u_vic", ["viewer"]);
    const made = await gateway.send("POST", `${ADMIN}/reconcile`, { headers: viewer, json: {} });
    expect(made.status).toBe(403);
    booksAnswer([{ ...outcome, atMs: NOON_MS, differences: 2 }]);
    const path = `${ADMIN}/reconcile?saleId=drop`;
    expect((await gateway.send("GET", path, { headers: viewer })).body).toEqual({
      items: [{ ...outcome, at: NOON, ok: false, count: 2 }],
    });
    expect(calls).toEqual([["reconciliations", "drop"]]);
    const other = `${ADMIN}/reconcile?saleId=another`;
    expect((await gateway.send("GET", other, { headers: viewer })).status).toBe(404);
  });
});

describe("what needs a person", () => {
  const list = `${ADMIN}/attention`;

  it("is listed from both lists, each from where it stopped", async () => {
    const paymentAttention = "refund refused: too old";
    gateway.orders = [sampleOrder({ status: "CONFIRMED", paymentAttention })];
    booksAnswer({ rows: [item], cursor: "5.difference-b" });
    const first = await gateway.send("GET", `${list}?saleId=drop&limit=7`, { headers });
    expect(first.body).toMatchObject({
      orders: [{ orderId: "phone-1.x.y", attention: paymentAttention }],
      items: [itemView],
      cursor: "next~5.difference-b",
    });
    expect(calls).toEqual([["attention", "drop", null, 7]]);

    booksAnswer({ rows: [], cursor: null });
    const second = await gateway.send("GET", `${list}?cursor=~5.difference-b`, { headers });
    expect(second.body).toEqual({ orders: [], items: [] });
    expect(calls.at(-1)).toEqual(["attention", null, "5.difference-b", 100]);
    expect(gateway.calls).toEqual(["purchase attention", "books attention", "books attention"]);
  });

  it("goes on in the orders alone by a cursor of an older version", async () => {
    const answer = await gateway.send("GET", `${list}?cursor=abc`, { headers });
    expect(answer.body).toMatchObject({ orders: [], items: [], cursor: "next~" });
    expect(gateway.calls).toEqual(["purchase attention"]);
  });

  it.each([
    ["retry", "retryAttention", undefined],
    ["resolve", "resolveAttention", { note: "rebuilt" }],
  ])("an item, too, can be told to %s", async (path, command, json) => {
    booksAnswer({
      ok: true,
      item: { ...item, resolvedAtMs: NOON_MS, resolvedBy: "staff:u_bea", note: "rebuilt" },
    });
    const bea = await gateway.bearer("u_bea", ["operator"]);
    const answer = await gateway.send("POST", `${list}/${item.itemId}/${path}`, {
      headers: bea,
      ...(json ? { json } : {}),
    });
    const resolved = { resolvedAt: NOON, resolvedBy: "staff:u_bea", note: "rebuilt" };
    expect(answer.body).toEqual({ ...itemView, ...resolved });
    expect(calls).toMatchObject([
      json
        ? [command, item.itemId, { actor: "staff:u_bea", reason: "rebuilt" }]
        : [command, item.itemId, { actor: "staff:u_bea", reason: null }],
    ]);
    booksAnswer(refusal("not_found"));
    const gone = await gateway.send("POST", `${list}/nothing/${path}`, {
      headers: bea,
      ...(json ? { json } : {}),
    });
    expect(gone.status).toBe(404);
  });

  it("an order is never asked of the books", async () => {
    const orderId = sealOrderId(gateway.keyring, "phone-1", NOON_MS, new Uint8Array(10));
    gateway.onPurchase = () => ({ ok: true, order: sampleOrder({ orderId }) });
    const answer = await gateway.send("POST", `${list}/${orderId}/retry`, { headers });
    expect(answer.body).toMatchObject({ orderId });
    expect(gateway.calls).toEqual(["purchase actOnPayment"]);
  });
});
