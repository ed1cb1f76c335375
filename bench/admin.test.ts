import { MockAgent, type MockPool } from "undici";
import { describe, expect, it } from "vitest";
import { Admin, type FloodSale } from "./admin.ts";
import { Caller } from "./calls.ts";
import { collectEvidence } from "./evidence.ts";
import { chargeOf, soundEvidence } from "./evidence-fixture.ts";
import { Meter } from "./meter.ts";

const BOOKS = "/admin/sandbox/payments?sku=sku";
const ATTENTION = "/admin/attention?saleId=sale";
const ORIGIN = "http://ropeline.test";
const SALE: FloodSale = { saleId: "sale", sku: "sku", stock: 2, perShopper: 1, capacity: 2 };
const SETTINGS = {
  stock: 2,
  capacity: 2,
  newUsersPerMinute: 600,
  holdSeconds: 60,
  claimSeconds: 90,
  sessionDurationSeconds: 300,
  lanes: 4,
};

function setUp() {
  const agent = new MockAgent();
  agent.disableNetConnect();
  let nowMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  const clock = { nowMs: () => nowMs, sleep };
  const caller = new Caller({
    origin: ORIGIN,
    connections: 1,
    clock,
    random: () => 0.5,
    meter: new Meter(),
    dispatcher: agent,
  });
  return { admin: new Admin(caller, "secret"), clock, system: agent.get(ORIGIN) };
}

function answer(
  system: Pick<MockPool, "intercept">,
  path: string,
  status: number,
  body: object,
): void {
  const headers = { authorization: "Bearer secret" };
  system.intercept({ path: `/api/v1${path}`, headers }).reply(status, body);
}

describe("the admin's side", () => {
  it("restocks by a key, with a reason", async () => {
    const { admin, system } = setUp();
    const path = "/api/v1/admin/sales/sale/items/sku/restock";
    const headers = { authorization: "Bearer secret", "idempotency-key": "more" };
    let asked: unknown = null;
    system.intercept({ method: "POST", path, headers }).reply(200, ({ body }) => {
      asked = JSON.parse(typeof body === "string" ? body : "null");
      return {};
    });
    await admin.restock(SALE, 5, "more");
    expect(asked).toEqual({ quantity: 5, reason: "a driver of load" });
  });

  it("creates a product and a sale, and waits until the sale is active", async () => {
    const { admin, clock, system } = setUp();
    let definition: unknown = null;
    const created = { method: "POST", path: "/api/v1/admin/products" };
    system.intercept(created).reply(201, {});
    system.intercept({ method: "POST", path: "/api/v1/admin/sales" }).reply(201, ({ body }) => {
      definition = JSON.parse(typeof body === "string" ? body : "null");
      return {};
    });
    answer(system, "/sales/flood-0", 200, { saleId: "flood-0", state: "scheduled" });
    answer(system, "/sales/flood-0", 200, { saleId: "flood-0", state: "active" });
    const sale = await admin.createSale(SETTINGS);
    expect(sale).toMatchObject({ saleId: "flood-0", stock: 2, capacity: 2, perShopper: 1 });
    expect(definition).toMatchObject({
      holdSeconds: 60,
      items: [{ sku: "flood-0", stock: 2 }],
      queue: { totalActiveUsers: 2, newUsersPerMinute: 600, claimSeconds: 90, lanes: 4 },
    });
    expect(clock.nowMs()).toBe(100);
  });

  it("creates a sale that takes early entrants, and waits for that only", async () => {
    const { admin, system } = setUp();
    let definition: unknown = null;
    system.intercept({ method: "POST", path: "/api/v1/admin/products" }).reply(201, {});
    system.intercept({ method: "POST", path: "/api/v1/admin/sales" }).reply(201, ({ body }) => {
      definition = JSON.parse(typeof body === "string" ? body : "null");
      return {};
    });
    answer(system, "/sales/flood-0", 200, { saleId: "flood-0", state: "prequeue" });
    await admin.createSale({ ...SETTINGS, startsInSeconds: 20, reorderWindowMs: 0 });
    expect(definition).toMatchObject({
      startsAt: "1970-01-01T00:00:20.000Z",
      queue: { reorderWindowMs: 0, prequeueStartsAt: "1969-12-31T23:59:59.000Z" },
    });
  });

  it("changes a running line, and says when the system has no such route", async () => {
    const { admin, system } = setUp();
    const changes = { newUsersPerMinute: 10, totalActiveUsers: 20 };
    const change = { method: "PATCH", path: "/api/v1/admin/sales/sale/queue" };
    const sent = { ...change, body: JSON.stringify(changes) };
    system.intercept(sent).reply(200, { saleId: "sale", state: "active" });
    expect(await admin.changeLine("sale", changes)).toBe(true);
    system.intercept(change).reply(404, { code: "not_found" });
    expect(await admin.changeLine("sale", changes)).toBe(false);
    system.intercept(change).reply(422, { code: "validation_failed", detail: "No." });
    await expect(admin.changeLine("sale", changes)).rejects.toThrow("422 validation_failed No.");
  });

  it("reads every page of a list", async () => {
    const { admin, system } = setUp();
    answer(system, "/admin/sales/sale/ledger?sku=sku", 200, { rows: [{ sequence: 1 }], cursor: 1 });
    answer(system, "/admin/sales/sale/ledger?sku=sku&cursor=1", 200, { rows: [{ sequence: 2 }] });
    expect(await admin.ledger(SALE)).toEqual([{ sequence: 1 }, { sequence: 2 }]);
  });

  it("says what to do about a wrong token", async () => {
    const { admin, system } = setUp();
    answer(system, "/admin/sales/sale/summary", 401, { code: "unauthorized", detail: "No." });
    await expect(admin.summary("sale")).rejects.toThrow(
      /401 unauthorized No\.; pass --admin-token/,
    );
  });
});

describe("collecting the evidence", () => {
  it("waits until D1 has caught up with the ledger", async () => {
    const { admin, clock, system } = setUp();
    const { ledger, orders, records } = soundEvidence();
    for (const known of [orders.slice(0, 1), orders]) {
      answer(system, "/admin/sales/sale/ledger?sku=sku", 200, { rows: ledger });
      answer(system, "/admin/orders?saleId=sale", 200, { orders: known });
      answer(system, `${BOOKS}&limit=1`, 404, { code: "not_found" });
    }
    answer(system, ATTENTION, 200, { orders: [] });
    answer(system, "/admin/sales/sale/summary", 200, { sold: 2 });
    const evidence = await collectEvidence(admin, SALE, records, clock);
    expect(evidence.orders).toEqual(orders);
    expect(evidence.summary.sold).toBe(2);
    expect(evidence.books).toBeNull();
    expect(clock.nowMs()).toBe(500);
  });

  it("waits until no payment is open, on either book", async () => {
    const { admin, clock, system } = setUp();
    const { ledger, orders, records } = soundEvidence();
    const open = orders.map((order) => ({ ...order, payment: { status: "voiding", attempts: 1 } }));
    const pending = chargeOf("order-1", "pending", []);
    const settled = chargeOf("order-1", "voided", ["void"]);
    for (const [known, charge] of [
      [open, settled],
      [orders, pending],
      [orders, settled],
    ] as const) {
      answer(system, "/admin/sales/sale/ledger?sku=sku", 200, { rows: ledger });
      answer(system, "/admin/orders?saleId=sale", 200, { orders: known });
      answer(system, `${BOOKS}&limit=1`, 200, { payments: [], cursor: "more" });
      answer(system, BOOKS, 200, { payments: [charge] });
    }
    answer(system, ATTENTION, 200, { orders: open.slice(0, 1) });
    answer(system, "/admin/sales/sale/summary", 200, {});
    const evidence = await collectEvidence(admin, SALE, records, clock);
    expect(evidence).toMatchObject({ orders, books: [settled], attention: open.slice(0, 1) });
    expect(clock.nowMs()).toBe(1000);
  });

  it("takes what is there when time is up", async () => {
    const { admin, clock, system } = setUp();
    const { ledger, records } = soundEvidence();
    const get = (path: string, body: object) =>
      system
        .intercept({ path: `/api/v1${path}` })
        .reply(200, body)
        .persist();
    get("/admin/sales/sale/ledger?sku=sku", { rows: ledger });
    get("/admin/orders?saleId=sale", { orders: [] });
    get("/admin/sales/sale/summary", {});
    get(`${BOOKS}&limit=1`, { payments: [] });
    get(BOOKS, { payments: [] });
    get(ATTENTION, { orders: [] });
    const evidence = await collectEvidence(admin, SALE, records, clock, 10_000);
    expect(evidence.orders).toEqual([]);
    expect(clock.nowMs()).toBe(40_000);
  });
});
