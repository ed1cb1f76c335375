import { beforeEach, describe, expect, it } from "vitest";
import { sealOrderId } from "../../../domain/order-id.ts";
import {
  ADMIN_TOKEN,
  FakeGateway,
  NOON_MS,
  refusal,
  sampleOrder,
} from "../testing/fake-gateway.ts";

const ADMIN = "/api/v1/admin";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };

let gateway: FakeGateway;
let orderId: string;
let calls: unknown[][];

beforeEach(() => {
  gateway = new FakeGateway();
  orderId = sealOrderId(gateway.keyring, "phone-1", NOON_MS, new Uint8Array(10));
  calls = [];
  gateway.onBooks = () => ({ rows: [], cursor: null });
  gateway.onPurchase = (method, args) => {
    calls.push([method, ...args]);
    return {
      ok: true,
      order: sampleOrder({
        orderId,
        status: "CONFIRMED",
        paymentState: "refunding",
        paymentMethod: "card",
      }),
    };
  };
});

describe("acting on a payment", () => {
  it.each([
    ["refund", "refund", { reason: "broken on arrival" }],
    ["retryPayment", "retry", undefined],
    ["resolvePayment", "resolve", { note: "by bank transfer" }],
  ])("%s: says who and why, and shows the order as it is then", async (command, path, json) => {
    const place = command === "refund" ? "orders" : "attention";
    const answer = await gateway.send("POST", `${ADMIN}/${place}/${orderId}/${path}`, {
      headers: await gateway.bearer("u_bea", ["operator"]),
      ...(json ? { json } : {}),
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      orderId,
      status: "CONFIRMED",
      payment: { status: "refunding" },
      paymentMethod: "card",
      shopper: "g_ann",
    });
    const reason = Object.values(json ?? { note: "retried" })[0];
    const by = expect.objectContaining({ actor: "staff:u_bea", reason });
    expect(calls).toEqual([["actOnPayment", "phone-1", orderId, command, by]]);
  });

  it.each([
    [`orders/ORDER/refund`, {}, "reason"],
    [`orders/ORDER/refund`, { reason: " " }, "reason"],
    [`attention/ORDER/resolve`, {}, "note"],
  ])("%s needs a reason: %j", async (path, json, field) => {
    const answer = await gateway.send("POST", `${ADMIN}/${path.replace("ORDER", orderId)}`, {
      headers,
      json,
    });
    expect(answer.status).toBe(400);
    expect(answer.body["errors"]).toMatchObject([{ path: field }]);
    expect(calls).toEqual([]);
  });

  it("asks nobody about ids that are not ours, and passes a refusal on", async () => {
    const json = { reason: "why" };
    const foreign = await gateway.send("POST", `${ADMIN}/orders/phone-1.x.y/refund`, {
      headers,
      json,
    });
    expect(foreign.status).toBe(404);
    expect(gateway.calls).toEqual([]);
    gateway.onPurchase = () => refusal("order_state_conflict", { detail: "The order is EXPIRED." });
    const late = await gateway.send("POST", `${ADMIN}/orders/${orderId}/refund`, { headers, json });
    expect([late.status, late.body["code"]]).toEqual([409, "order_state_conflict"]);
  });

  it("is for operators; viewers may look", async () => {
    const viewer = await gateway.bearer("u_vic", ["viewer"]);
    for (const [method, path] of [
      ["POST", `orders/${orderId}/refund`],
      ["POST", `attention/${orderId}/retry`],
      ["POST", `attention/${orderId}/resolve`],
    ] as const)
      expect((await gateway.send(method, `${ADMIN}/${path}`, { headers: viewer })).status).toBe(
        403,
      );
    expect((await gateway.send("GET", `${ADMIN}/attention`, { headers: viewer })).status).toBe(200);
    expect((await gateway.send("GET", `${ADMIN}/attention`)).status).toBe(401);
  });
});

describe("the sandbox's own books", () => {
  const path = `${ADMIN}/sandbox/payments?sku=phone-1`;
  const booking = { kind: "charge", amount: 49_900, currency: "EUR", atMs: NOON_MS };
  const payment = {
    orderId: "phone-1.x.y",
    attempt: 2,
    amount: 49_900,
    currency: "EUR",
    state: "captured",
    bookings: [booking, { ...booking, kind: "capture" }],
  };

  it("are shown a page at a time, as the sandbox has them", async () => {
    gateway.onPurchase = (...call) => {
      calls.push(call);
      return { rows: [payment], cursor: "phone-1.x.y:2" };
    };
    const headersOfViewer = await gateway.bearer("u_vic", ["viewer"]);
    const answer = await gateway.send("GET", `${path}&cursor=phone-1.a.b:1&limit=5`, {
      headers: headersOfViewer,
    });
    const amount = { amount: 49_900, currency: "EUR" };
    const at = "2026-11-21T12:00:00.000Z";
    expect(answer.body).toEqual({
      payments: [
        {
          orderId: "phone-1.x.y",
          attempt: 2,
          state: "captured",
          amount,
          bookings: [
            { kind: "charge", at, amount },
            { kind: "capture", at, amount },
          ],
        },
      ],
      cursor: "phone-1.x.y:2",
    });
    expect(calls).toEqual([["sandboxPayments", ["phone-1", "phone-1.a.b:1", 5]]]);
  });

  it("are not there where another provider takes the money, nor for shoppers", async () => {
    gateway.onPurchase = () => null;
    expect((await gateway.send("GET", path, { headers })).status).toBe(404);
    expect((await gateway.send("GET", path)).status).toBe(401);
    expect((await gateway.send("GET", `${ADMIN}/sandbox/payments`, { headers })).status).toBe(400);
  });
});
