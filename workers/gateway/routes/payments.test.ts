import { beforeEach, describe, expect, it, vi } from "vitest";
import { sealOrderId } from "../../../domain/order-id.ts";
import { FakeGateway, NOON_MS, refusal, sampleOrder } from "../testing/fake-gateway.ts";

const API = "/api/v1";
const SIGNED = { "Webhook-Id": "evt_1", "Webhook-Signature": "v1,AAAA", "Content-Type": "text/x" };

let gateway: FakeGateway;
let asked: unknown[][];

beforeEach(() => {
  gateway = new FakeGateway();
  asked = [];
  gateway.onPurchase = (...call) => {
    asked.push(call);
    return { ok: true };
  };
});

describe("a webhook", () => {
  it.each([
    ["/payments/webhooks/stripe", "stripe"],
    ["/payments/process", "default"],
  ])("at %s goes on as it came, without credentials", async (path, provider) => {
    const credentials = { Authorization: "Bearer x", Cookie: "a=b" };
    const raw = '\uFEFF{ "type":\t"Ünïcode" } ';
    const answer = await gateway.send("POST", API + path, {
      headers: { ...SIGNED, ...credentials },
      raw: new TextEncoder().encode(raw),
    });
    expect([answer.status, answer.body]).toEqual([200, { received: true }]);
    const [[method, [name, { body, headers }]]] = asked as [
      [string, [string, { body: string; headers: Record<string, string> }]],
    ];
    expect([method, name, body]).toEqual(["webhook", provider, raw]);
    expect(headers).toMatchObject({ "webhook-id": "evt_1", "webhook-signature": "v1,AAAA" });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(["cookie"]));
    expect(headers).not.toHaveProperty("authorization");
  });

  it("is refused as the purchase Worker refuses it", async () => {
    gateway.onPurchase = () => refusal("webhook_invalid", { detail: "It is unsigned." });
    const answer = await gateway.send("POST", `${API}/payments/webhooks/sandbox`);
    expect([answer.status, answer.body["code"], answer.body["detail"]]).toEqual([
      400,
      "webhook_invalid",
      "It is unsigned.",
    ]);
  });

  it.each<[string, BodyInit, Record<string, string>, number, string]>([
    ["a body of more than 256 KB", "x".repeat(262_145), {}, 413, "body_too_large"],
    ["a body that is not UTF-8", new Uint8Array([0xff, 0xfe]), {}, 400, "validation_failed"],
    ["headers without end", "{}", { "X-Long": "x".repeat(16_384) }, 400, "validation_failed"],
  ])("with %s goes no further", async (_, raw, headers, status, code) => {
    const answer = await gateway.send("POST", `${API}/payments/webhooks/x`, { raw, headers });
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(asked).toEqual([]);
  });

  it("of 256 KB goes on", async () => {
    const raw = "x".repeat(262_144);
    const answer = await gateway.send("POST", `${API}/payments/webhooks/x`, { raw });
    expect(answer.status).toBe(200);
  });

  it("is sent again by its provider when its item cannot be reached", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    gateway.onPurchase = () => Object.assign(new Error("overloaded"), { overloaded: true });
    expect((await gateway.send("POST", `${API}/payments/webhooks/x`)).status).toBe(503);
  });
});

describe("the status of a payment", () => {
  const ann = () => gateway.bearer("g_ann");

  async function statusOf(attempt: string, order: Parameters<typeof sampleOrder>[0]) {
    const orderId = sealOrderId(gateway.keyring, "phone-1", NOON_MS, new Uint8Array(10));
    gateway.orders = [sampleOrder({ ...order, orderId })];
    const path = `${API}/payments/status/${encodeURIComponent(`${orderId}:${attempt}`)}`;
    const { status, body } = await gateway.send("GET", path, { headers: await ann() });
    return { status, body, orderId };
  }

  it("is the newest attempt's, with what the shopper has to do", async () => {
    const { body, orderId } = await statusOf("2", {
      status: "PAYMENT_PENDING",
      paymentAttempts: 2,
      paymentState: "action",
      paymentActionUrl: "/bank?challenge=x",
    });
    expect(body).toEqual({
      paymentId: `${orderId}:2`,
      orderId,
      attempt: 2,
      amount: { amount: 49_900, currency: "EUR" },
      status: "action",
      nextAction: { type: "redirect", url: "/bank?challenge=x" },
    });
  });

  it("says why it was declined", async () => {
    const declined = { paymentAttempts: 1, paymentState: "declined", paymentError: "no_money" };
    const { body } = await statusOf("1", declined);
    expect(body).toMatchObject({ status: "declined", lastError: "no_money" });
  });

  it("of an attempt before the newest says that it is over, and nothing of the newest", async () => {
    const { body } = await statusOf("1", { paymentAttempts: 2, paymentState: "captured" });
    expect(body["status"]).toBe("over");
  });

  it.each(["3", "0", "", "x", "1e0", "01", "2:1"])(
    "of the attempt %j: there is none",
    async (attempt) => {
      const order = { paymentAttempts: 2, paymentState: "captured" };
      expect((await statusOf(attempt, order)).status).toBe(404);
    },
  );

  it("asks for a bearer, and nobody about ids that are not ours", async () => {
    expect((await gateway.send("GET", `${API}/payments/status/x:1`)).status).toBe(401);
    const made = await gateway.send("GET", `${API}/payments/status/a.b.c:1`, {
      headers: await ann(),
    });
    expect([made.status, gateway.calls]).toEqual([404, []]);
  });
});

describe("the bank of the sandbox", () => {
  const view = { orderId: "phone-1.x.y", total: { amount: 1, currency: "EUR" }, state: "open" };
  const path = `${API}/sandbox/bank/phone-1.x.y%3A1.mac`;

  it("shows a payment, and takes the answer", async () => {
    gateway.onPurchase = (...call) => {
      asked.push(call);
      return { ok: true, view };
    };
    const { orderId, total: amount, state } = view;
    const shown = { orderId, merchant: "Ropeline", amount, state };
    expect((await gateway.send("GET", path)).body).toEqual(shown);
    const answered = await gateway.send("POST", path, { json: { answer: "approve" } });
    expect([answered.status, answered.body]).toEqual([200, shown]);
    expect(asked).toEqual([
      ["bank", ["phone-1.x.y:1.mac", null]],
      ["bank", ["phone-1.x.y:1.mac", "approve"]],
    ]);
  });

  it("takes no other answer, and is nowhere for a challenge of somebody else's", async () => {
    const odd = await gateway.send("POST", path, { json: { answer: "maybe" } });
    expect([odd.status, asked]).toEqual([400, []]);
    gateway.onPurchase = () => refusal("not_found");
    expect((await gateway.send("GET", path)).status).toBe(404);
  });
});
