import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import type { Webhook } from "../../workers/purchase/providers/provider.ts";
import { Sandbox } from "../../workers/purchase/providers/sandbox.ts";
import { signWebhook } from "../../workers/purchase/providers/standard-webhooks.ts";
import { eventually, useTestClock } from "./support/clock.ts";
import { alarmOf, bindings, levelOf, uniqueName } from "./support/objects.ts";
import { bankOfTests, Outage, PaymentLine } from "./support/payments.ts";
import { control, MINUTE_MS, NOON_MS } from "./support/samples.ts";
import { payingOrder, quietDesk, webhookOf } from "./support/webhooks.ts";

useTestClock();

const OTHER_SECRET = "whsec_b2YtYW5vdGhlci1lbmRwb2ludA==";

async function send({ body, headers }: Webhook, provider = "sandbox") {
  const url = `https://shop.example/api/v1/payments/webhooks/${provider}`;
  const response = await exports.default.fetch(new Request(url, { method: "POST", body, headers }));
  return {
    status: response.status,
    body: await response.json<{ code?: string; detail?: string; errors?: { path: string }[] }>(),
  };
}

/** The order as its writer has it. */
async function stateOf({ item, orderId }: Awaited<ReturnType<typeof payingOrder>>) {
  const answer = await item.order(orderId, "ada");
  if (!answer.ok) throw new Error("There is no such order.");
  return answer.order;
}

describe("a webhook", () => {
  it.each<[string, (key: string) => Webhook, number, string, RegExp]>([
    [
      "that is unsigned",
      (key) => ({ ...webhookOf(key), headers: {} }),
      400,
      "webhook_invalid",
      /unsigned/,
    ],
    [
      "whose body was changed",
      (key) => ({ ...webhookOf(key), body: webhookOf(key).body.replace("49900", "1") }),
      400,
      "webhook_invalid",
      /No signature fits/,
    ],
    [
      "signed for another endpoint",
      (key) => webhookOf(key, { secret: OTHER_SECRET }),
      400,
      "webhook_invalid",
      /another secret/,
    ],
    [
      "older than five minutes",
      (key) => webhookOf(key, { sentAtMs: NOON_MS - 5 * MINUTE_MS - 1_000 }),
      400,
      "webhook_invalid",
      /older than five minutes/,
    ],
    [
      "from more than five minutes ahead",
      (key) => webhookOf(key, { sentAtMs: NOON_MS + 5 * MINUTE_MS + 1_000 }),
      400,
      "webhook_invalid",
      /five minutes ahead/,
    ],
    ["of a made-up order", () => webhookOf("made.up.order:1"), 404, "not_found", /no such payment/],
    [
      "of an attempt that nobody has made",
      (key) => webhookOf(key.replace(/1$/, "2")),
      404,
      "not_found",
      /no such payment/,
    ],
  ])("%s is refused and changes nothing", async (_, webhook, status, code, detail) => {
    const order = await payingOrder();
    const before = [await stateOf(order), await order.item.ledger(0)];
    const answer = await send(webhook(order.key));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.detail).toMatch(detail);
    expect([await stateOf(order), await order.item.ledger(0)]).toEqual(before);
  });

  it.each<[string, { amount?: number; currency?: string }, string]>([
    ["amount", { amount: 100 }, "amount"],
    ["currency", { currency: "USD" }, "currency"],
  ])("of another %s is refused, and its order comes before a person", async (_, sum, path) => {
    const order = await payingOrder();
    for (let times = 0; times < 2; times++) {
      const answer = await send(webhookOf(order.key, sum));
      expect([answer.status, answer.body.code]).toEqual([400, "validation_failed"]);
      expect(answer.body.errors).toMatchObject([{ path }]);
    }
    expect(await stateOf(order)).toMatchObject({
      status: "PAYMENT_PENDING",
      paymentState: "due",
      paymentAttention: expect.stringContaining("notice of another sum"),
    });
    const types = (await order.item.ledger(0)).map(({ type }) => type);
    expect(types.filter((type) => type === "attention")).toHaveLength(1);
    // It goes on: the true one confirms it.
    expect((await send(webhookOf(order.key))).status).toBe(200);
    expect(await stateOf(order)).toMatchObject({ status: "CONFIRMED" });
  });

  it.each([
    ["default", 200],
    ["sandbox", 200],
    ["nobody", 404],
  ])("for the provider %s: %i", async (provider, status) => {
    const order = await payingOrder();
    expect((await send(webhookOf(order.key), provider)).status).toBe(status);
  });

  it("is taken at its other address", async () => {
    const order = await payingOrder();
    const { body, headers } = webhookOf(order.key);
    const url = "https://shop.example/api/v1/payments/process";
    const response = await exports.default.fetch(
      new Request(url, { method: "POST", body, headers }),
    );
    expect([response.status, (await stateOf(order)).status]).toEqual([200, "CONFIRMED"]);
  });

  it.each([
    ["payment.disputed", '{"type":"payment.disputed","data":{}}'],
    ["nothing that is JSON", "…"],
    ["null", "null"],
  ])("that is genuine and tells of %s is accepted", async (_, body) => {
    const headers = signWebhook(bindings.SANDBOX_WEBHOOK_SECRET, "evt_1", NOON_MS, body);
    expect(await send({ body, headers })).toEqual({ status: 200, body: { received: true } });
  });

  it("that is too large ends at its bound", async () => {
    const answer = await send({ body: "x".repeat(262_145), headers: {} });
    expect([answer.status, answer.body.code]).toEqual([413, "body_too_large"]);
  });

  it("may be larger than any other body", async () => {
    const order = await payingOrder();
    const reason = "x".repeat(100_000);
    const answer = await send(webhookOf(order.key, { kind: "declined", reason }));
    expect([answer.status, (await stateOf(order)).status]).toEqual([200, "RESERVED"]);
  });
});

describe("a payment that its provider tells of", () => {
  it("is written before the answer, and the next step is due at once", async () => {
    const order = await payingOrder();
    expect((await send(webhookOf(order.key))).status).toBe(200);
    expect(await stateOf(order)).toMatchObject({
      status: "CONFIRMED",
      paymentState: "authorised",
    });
    expect(await alarmOf(order.item)).toBeLessThanOrEqual(NOON_MS + 1);
    expect(await levelOf(order.item)).toEqual({ stock: 1, available: 0, held: 0, sold: 1 });
  });

  it("changes nothing by a replay, at once or when all is paid, and is booked once", async () => {
    const order = await payingOrder();
    const { item, key } = order;
    const webhooks = [webhookOf(key), webhookOf(key, { kind: "captured" })];
    const replay = async (times: number, ...again: Webhook[]) => {
      const answers = await Promise.all(
        Array(times)
          .fill(again)
          .flat()
          .map((one) => send(one)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    };
    const bank = new Outage(bankOfTests());
    const line = new PaymentLine(bank);
    await line.run(item);
    const paid = await item.ledger(0);
    expect(paid.map(({ type }) => type).slice(-2)).toEqual(["confirmed", "captured"]);
    await replay(3, ...webhooks);
    await line.run(item);
    expect(await item.ledger(0)).toEqual(paid);
    expect(bank.asked.map(([step]) => step)).toEqual(["authorise", "capture"]);

    const early = await payingOrder();
    await replay(3, webhookOf(early.key));
    const types = (await early.item.ledger(0)).map(({ type }) => type);
    expect(types).toEqual(["created", "reserved", "payment_pending", "confirmed"]);
  });

  it.each(["open", "ended"] as const)(
    "as given back by hand is refunded; while the sale is %s its unit goes to who waits, or to nobody",
    async (mode) => {
      const order = await payingOrder();
      const { item } = order;
      await send(webhookOf(order.key, { kind: "captured" }));
      const orderId = uniqueName("offer");
      await item.joinWaitlist({ orderId, shopper: "bob", number: 2, quantity: 1 });
      await item.applyControl(control({ mode, version: 99 }));
      for (let times = 0; times < 2; times++)
        expect((await send(webhookOf(order.key, { kind: "refunded" }))).status).toBe(200);
      expect(await stateOf(order)).toMatchObject({
        status: "REFUNDED",
        paymentState: "refunded",
      });
      const isOffered = mode === "open";
      expect(await levelOf(item)).toEqual({
        stock: 1,
        available: isOffered ? 0 : 1,
        held: isOffered ? 1 : 0,
        sold: 0,
      });
      expect(await item.waitlistPlace("bob")).toMatchObject({
        place: { state: isOffered ? "offered" : "lapsed" },
      });
    },
  );

  it("of an attempt that is over gives its money back, and leaves the newer attempt as it is", async () => {
    const order = await payingOrder();
    const { orderId, key: idempotencyKey, item } = order;
    await send(webhookOf(order.key, { kind: "declined", reason: "no" }));
    await item.checkout(orderId, "ada", {
      idempotencyKey: "second",
      bodyHash: "second",
      paymentToken: "tok_ok",
    });
    // The bank took the money nevertheless.
    const sum = { amount: 49_900, currency: "EUR" };
    const paid = { orderId, idempotencyKey, token: "tok_ok", ...sum };
    const sandbox = new Sandbox(bindings.DB, systemRuntime, quietDesk);
    await sandbox.authorise(paid);
    await sandbox.capture(paid);
    expect((await send(webhookOf(order.key, { kind: "captured" }))).status).toBe(200);
    await eventually(async () => {
      expect(await sandbox.enquire(paid)).toEqual({ kind: "refunded" });
    });
    expect(await stateOf(order)).toMatchObject({ status: "PAYMENT_PENDING", paymentAttempts: 2 });
  });
});
