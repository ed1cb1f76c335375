import { beforeEach, describe, expect, it } from "vitest";
import { sealOrderId } from "../../../domain/order-id.ts";
import { FakeGateway, NOON_MS, refusal, sampleOrder } from "../testing/fake-gateway.ts";

const API = "/api/v1";
const PAYMENT = { paymentMethod: "card", paymentToken: "tok_ok" };

let gateway: FakeGateway;
let orderId: string;
let headers: Record<string, string>;

beforeEach(async () => {
  gateway = new FakeGateway();
  orderId = sealOrderId(gateway.keyring, "phone-1", NOON_MS, new Uint8Array(10));
  gateway.orders = [sampleOrder({ orderId })];
  headers = { ...(await gateway.bearer("g_ann")), "Idempotency-Key": "pay-1" };
});

describe("orders", () => {
  it("shows an own order, with what concerns its state", async () => {
    const { body } = await gateway.send("GET", `${API}/orders/${orderId}`, { headers });
    expect(body).toEqual({
      orderId,
      saleId: "drop",
      sku: "phone-1",
      quantity: 1,
      total: { amount: 49_900, currency: "EUR" },
      status: "RESERVED",
      version: 1,
      createdAt: new Date(NOON_MS).toISOString(),
      expiresAt: new Date(NOON_MS + 120_000).toISOString(),
    });
    const payment = { paymentState: "captured", paymentAttempts: 2, paymentError: "declined" };
    gateway.orders = [sampleOrder({ orderId, status: "CONFIRMED", ...payment })];
    const confirmed = await gateway.send("GET", `${API}/orders/${orderId}/status`, { headers });
    expect(confirmed.body).not.toHaveProperty("expiresAt");
    expect(confirmed.body["payment"]).toEqual({
      status: "captured",
      attempts: 2,
      lastError: "declined",
    });
  });

  it("lists own orders", async () => {
    const { body } = await gateway.send("GET", `${API}/orders?limit=5`, { headers });
    expect(body["orders"]).toHaveLength(1);
    expect(body).not.toHaveProperty("cursor");
  });

  it("asks nobody about ids that are not ours", async () => {
    for (const id of ["phone-1.x.y", "nonsense", `${orderId}A`, `other${orderId}`]) {
      const path = `${API}/orders/${id}`;
      expect((await gateway.send("GET", path, { headers })).status).toBe(404);
      expect((await gateway.send("POST", `${path}/cancel`, { headers })).status).toBe(404);
      const paying = { headers, json: PAYMENT };
      expect((await gateway.send("POST", `${path}/checkout`, paying)).status).toBe(404);
    }
    expect(gateway.calls).toEqual([]);
    gateway.orders = [];
    expect((await gateway.send("GET", `${API}/orders/${orderId}`, { headers })).status).toBe(404);
  });

  it("starts a payment; the same key and body say the same again", async () => {
    const commands: unknown[][] = [];
    gateway.onPurchase = (method, args) => {
      expect(method).toBe("checkout");
      commands.push(args);
      return { ok: true, order: sampleOrder({ orderId, status: "CONFIRMED" }) };
    };
    const path = `${API}/orders/${orderId}/checkout`;
    const first = await gateway.send("POST", path, { headers, json: PAYMENT });
    const again = await gateway.send("POST", path, { headers, json: PAYMENT });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({ orderId, status: "PAYMENT_PENDING" });
    expect(first.headers.get("Location")).toBe(`${API}/orders/${orderId}`);
    expect(again.text).toBe(first.text);
    const from = expect.anything();
    expect(commands[1]).toEqual([
      ...(commands[0] ?? []).slice(0, 3),
      { ...(commands[0]?.[3] as object), from },
    ]);
    expect(commands[0]?.slice(0, 3)).toEqual(["phone-1", orderId, "g_ann"]);
    expect(commands[0]?.[3]).toMatchObject({ idempotencyKey: "pay-1", paymentToken: "tok_ok" });
  });

  it("tells the item a keyed hash of where it goes, the same however it is written", async () => {
    const commands: Record<string, unknown>[] = [];
    gateway.onPurchase = (_, args) => {
      commands.push(args[3] as Record<string, unknown>);
      return { ok: true, order: sampleOrder({ orderId }) };
    };
    const home = { line1: "Main St 1", line2: "", postalCode: "AB1 2CD", city: "x", country: "GB" };
    const path = `${API}/orders/${orderId}/checkout`;
    for (const shippingAddress of [
      undefined,
      home,
      { ...home, line1: "MAIN ST. 1", name: "Bob", region: "y" },
      { ...home, line1: "Main St 2" },
    ])
      await gateway.send("POST", path, { headers, json: { ...PAYMENT, shippingAddress } });
    const [nowhere, first, same, other] = commands;
    expect(nowhere).not.toHaveProperty("postalAddress");
    expect(first?.["postalAddress"]).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(same).toEqual({ ...first, from: expect.anything() });
    expect(other?.["postalAddress"]).not.toBe(first?.["postalAddress"]);
    expect(new Set(commands.map(({ bodyHash }) => bodyHash)).size).toBe(3);
    expect(JSON.stringify(commands)).not.toMatch(/main/i);
  });

  it.each<[path: string, changes: object]>([
    ["country", { country: "Germany" }],
    ["country", { country: "de" }],
    ["line1", { line1: " " }],
    ["line1", { line1: "x".repeat(201) }],
    ["postalCode", { postalCode: undefined }],
    ["city", { city: 5 }],
  ])("names the field of an address that is wrong: %s %j", async (field, changes) => {
    const home = { line1: "Main St 1", postalCode: "1", city: "x", country: "GB", ...changes };
    const json = { ...PAYMENT, shippingAddress: home };
    const answer = await gateway.send("POST", `${API}/orders/${orderId}/checkout`, {
      headers,
      json,
    });
    expect(answer.body["code"]).toBe("validation_failed");
    expect(answer.body["errors"]).toMatchObject([{ path: `shippingAddress.${field}` }]);
  });

  it("says whose limit is reached, and that another card may be tried", async () => {
    gateway.onPurchase = () =>
      refusal("limit_reached", { scope: "card", limit: 1, held: 0, bought: 1 });
    const path = `${API}/orders/${orderId}/checkout`;
    const answer = await gateway.send("POST", path, { headers, json: PAYMENT });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      code: "limit_reached",
      scope: "card",
      limit: 1,
      bought: 1,
    });
  });

  it("confirms an order that is paid on delivery, and says so again", async () => {
    const commands: unknown[][] = [];
    gateway.onPurchase = (_method, args) => {
      commands.push(args);
      return { ok: true, order: sampleOrder({ orderId, status: "REFUNDED" }) };
    };
    const path = `${API}/orders/${orderId}/checkout`;
    const { status, body } = await gateway.send("POST", path, {
      headers,
      json: { paymentMethod: "cod" },
    });
    expect([status, body]).toEqual([202, { orderId, status: "CONFIRMED" }]);
    expect(commands[0]?.[3]).toMatchObject({ paymentMethod: "cod", paymentToken: "" });
  });

  it("says where the shopper has to act, while the order is open, and until when", async () => {
    const waiting = {
      paymentState: "action",
      paymentActionUrl: "https://bank.example/1",
      paymentDeadlineMs: Date.UTC(2026, 10, 22, 12, 1, 30),
    };
    for (const [status, nextAction] of [
      ["PAYMENT_PENDING", { type: "redirect", url: "https://bank.example/1" }],
      ["PAYMENT_FAILED", undefined],
    ] as const) {
      gateway.orders = [sampleOrder({ orderId, status, ...waiting })];
      const { body } = await gateway.send("GET", `${API}/orders/${orderId}`, { headers });
      expect(body["nextAction"]).toEqual(nextAction);
      expect(body["payment"]).toMatchObject({ deadline: "2026-11-22T12:01:30.000Z" });
    }
  });

  it.each([
    [{}, ["paymentMethod"]],
    [{ paymentMethod: "cheque" }, ["paymentMethod"]],
    [{ paymentMethod: "card" }, ["paymentToken"]],
    [{ paymentMethod: "card", paymentToken: "" }, ["paymentToken"]],
    [{ paymentMethod: "card", paymentToken: "x".repeat(256) }, ["paymentToken"]],
  ])("refuses to pay with %o", async (json, paths) => {
    const answer = await gateway.send("POST", `${API}/orders/${orderId}/checkout`, {
      headers,
      json,
    });
    const errors = answer.body["errors"] as { path: string }[];
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });

  it("needs a key to pay, and an access token for everything", async () => {
    const path = `${API}/orders/${orderId}`;
    const bearer = await gateway.bearer("g_ann");
    const paying = { headers: bearer, json: PAYMENT };
    const unkeyed = await gateway.send("POST", `${path}/checkout`, paying);
    expect(unkeyed.body["code"]).toBe("idempotency_key_required");
    for (const [method, suffix] of [
      ["GET", ""],
      ["GET", "/status"],
      ["POST", "/cancel"],
      ["POST", "/checkout"],
    ] as const)
      expect((await gateway.send(method, path + suffix)).status).toBe(401);
    expect((await gateway.send("GET", `${API}/orders`)).status).toBe(401);
  });

  it("cancels, or says why not", async () => {
    gateway.onPurchase = () => ({ ok: true, order: sampleOrder({ orderId, status: "CANCELLED" }) });
    const path = `${API}/orders/${orderId}/cancel`;
    const cancelled = await gateway.send("POST", path, { headers });
    expect([cancelled.status, cancelled.body["status"]]).toEqual([200, "CANCELLED"]);
    const aliased = await gateway.send("PUT", path, { headers });
    expect(aliased.text).toBe(cancelled.text);
    gateway.onPurchase = () => refusal("order_state_conflict", { detail: "The order is EXPIRED." });
    const late = await gateway.send("POST", path, { headers });
    expect(late.body).toMatchObject({
      code: "order_state_conflict",
      detail: "The order is EXPIRED.",
    });
  });
});
