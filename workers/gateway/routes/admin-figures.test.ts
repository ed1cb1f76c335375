import { beforeEach, expect, it } from "vitest";
import { EMPTY_LINE } from "../../../domain/queue/admission.ts";
import {
  ADMIN_TOKEN,
  FakeGateway,
  NOON_MS,
  sampleOrder,
  sampleSale,
} from "../testing/fake-gateway.ts";

const API = "/api/v1/admin";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const PRICE = { amount: 49_900, currency: "EUR" };

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
});

it("sums a sale up, with what its objects counted", async () => {
  const level = { sku: "phone-1", stock: 5, available: 4, held: 0, sold: 1 };
  const counted = { calls: { "shopper.reserve": 1 }, commits: 1, commands: 1, refusals: {} };
  const line = { ...EMPTY_LINE, lastNumber: 3, cursor: 2, inside: 1, insidePeak: 2 };
  const people = { shoppers: 1, buyers: 1, joined: 3 };
  const figures = { sold: 1, revenue: PRICE, ...people, oversold: 0, soldOutAtMs: NOON_MS };
  const waits = { waitMs: { p50: 1, p90: 2, p99: 3 }, sampledEvery: 2 };
  const control = sampleSale().control;
  gateway.onPurchase = () => ({
    saleId: "drop",
    ...figures,
    refunds: { orders: 1, amount: 7 },
    closing: { ...waits, peakPerMinute: 1, purchaseMs: null },
    orders: { byStatus: { CONFIRMED: 1 } },
    objects: {
      skus: [{ level, soldOutAtMs: null, sequence: 4, ...counted }],
      intakes: { "shopper.reserve": 1, "intake.batch": 1 },
      queue: {
        sequencer: { line, control, calls: { board: 9 }, commits: 5 },
        lanes: { join: 3 },
      },
    },
  });
  const { body } = await gateway.send("GET", `${API}/sales/drop/summary`, { headers });
  expect(body).toEqual({
    saleId: "drop",
    sold: 1,
    revenue: PRICE,
    orders: { byStatus: { CONFIRMED: 1 } },
    shoppers: 1,
    joined: 3,
    buyers: 1,
    conversion: 0.3333,
    refunds: { orders: 1, amount: { amount: 7, currency: "EUR" } },
    peakPerMinute: 1,
    waitMs: { p50: 1, p90: 2, p99: 3 },
    waitSampledEvery: 2,
    purchaseMs: null,
    oversold: 0,
    soldOutAt: new Date(NOON_MS).toISOString(),
    objects: {
      skus: [{ sku: "phone-1", ...counted }],
      intakes: { calls: { "shopper.reserve": 1, "intake.batch": 1 } },
      sequencer: {
        calls: { board: 9 },
        commits: 5,
        inside: 1,
        peakInside: 2,
        cursor: 2,
        lastNumber: 3,
      },
      lanes: { calls: { join: 3 } },
    },
  });
  const query = await gateway.send("GET", `${API}/sales/drop/summary?format=csv`, { headers });
  expect(query.headers.get("Content-Type")).toBe("text/csv; charset=utf-8; header=present");
  expect(query.text.split("\r\n").slice(0, 5)).toEqual([
    "figure,value",
    "saleId,drop",
    "sold,1",
    "revenue.amount,49900",
    "revenue.currency,EUR",
  ]);
  expect(query.text).toContain("\r\npurchaseMs,\r\n");
  for (const [accept, format, csv] of [
    ["text/csv", "", true],
    ["text/csv, application/json;q=0.5", "", true],
    ["application/json, text/csv;q=0.5", "", false],
    ["*/*", "", false],
    ["text/csv", "?format=json", false],
  ] as const) {
    const accepting = { headers: { ...headers, Accept: accept } };
    const path = `${API}/sales/drop/summary${format}`;
    const answer = await gateway.send("GET", path, accepting);
    expect(answer.text === query.text, `${accept} ${format}`).toBe(csv);
  }
  const odd = await gateway.send("GET", `${API}/sales/drop/summary?format=xml`, { headers });
  expect(odd.body).toMatchObject({ status: 400, errors: [{ path: "format" }] });
  gateway.onPurchase = () => null;
  expect((await gateway.send("GET", `${API}/sales/drop/summary`, { headers })).status).toBe(404);
});

it("pages through a ledger until nothing is left", async () => {
  const level = { sku: "phone-1", stock: 5, available: 4, held: 1, sold: 0 };
  const event = { sequence: 2, atMs: NOON_MS, type: "reserved", quantity: 1, level };
  gateway.onPurchase = (_method, [sku, sequence]) => {
    expect(sku).toBe("phone-1");
    return sequence === 0 ? [{ ...event, order: sampleOrder(), reason: null }] : [];
  };
  const path = `${API}/sales/drop/ledger?sku=phone-1`;
  const first = await gateway.send("GET", path, { headers });
  expect(first.body).toEqual({
    rows: [
      {
        sequence: 2,
        at: new Date(NOON_MS).toISOString(),
        type: "reserved",
        orderId: "phone-1.x.y",
        quantity: 1,
        available: 4,
        held: 1,
        sold: 0,
      },
    ],
    cursor: "2",
  });
  const last = await gateway.send("GET", `${path}&cursor=2`, { headers });
  expect(last.body).toEqual({ rows: [] });
  expect((await gateway.send("GET", `${path}&cursor=x`, { headers })).status).toBe(400);
  const other = `${API}/sales/drop/ledger?sku=nope`;
  expect((await gateway.send("GET", other, { headers })).status).toBe(404);
  expect((await gateway.send("GET", `${API}/sales/drop/ledger`, { headers })).status).toBe(400);
});

it("lists orders from the database alone", async () => {
  gateway.orders = [sampleOrder()];
  const path = `${API}/orders?saleId=drop&status=RESERVED`;
  const { body } = await gateway.send("GET", path, { headers });
  expect(body["cursor"]).toBe("next");
  expect(body["orders"]).toMatchObject([{ shopper: "g_ann", number: 1, status: "RESERVED" }]);
  expect(gateway.calls).toEqual(["purchase allOrders"]);
  const bad = await gateway.send("GET", `${API}/orders?status=LOST`, { headers });
  expect(bad.status).toBe(400);
});
