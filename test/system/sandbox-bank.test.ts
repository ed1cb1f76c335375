import { createMessageBatch } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { consumePayments } from "../../workers/purchase/consumers/payments.ts";
import { breakerOf } from "../../workers/purchase/providers/breaker.ts";
import { sandboxOf } from "../../workers/purchase/providers/index.ts";
import type {
  PaymentProvider,
  PaymentRequest,
  Webhook,
} from "../../workers/purchase/providers/provider.ts";
import { Sandbox } from "../../workers/purchase/providers/sandbox.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, levelOf, uniqueName } from "./support/objects.ts";
import { Outage } from "./support/payments.ts";
import { NOON_MS, SECOND_MS } from "./support/samples.ts";
import { payingOrder } from "./support/webhooks.ts";

const clock = useTestClock();
const { DB, PURCHASE } = bindings;
const secret = bindings.SANDBOX_WEBHOOK_SECRET;

/** A sandbox whose webhooks are kept, with the time after which each would be sent. */
function telling(isLost = true) {
  const sent: [delayMs: number, kind: string, id: string][] = [];
  const whole = sandboxOf(bindings, systemRuntime, () => {});
  const post = async ({ body, headers }: Webhook, delayMs: number): Promise<void> => {
    const { type } = JSON.parse(body) as { type: string };
    sent.push([delayMs, type, headers["webhook-id"] ?? ""]);
  };
  return { sent, sandbox: isLost ? new Sandbox(DB, systemRuntime, { secret, post }) : whole };
}

function request(token: string, orderId = uniqueName("order")): PaymentRequest {
  const idempotencyKey = `${orderId}:1`;
  return { orderId, idempotencyKey, token, amount: 49_900, currency: "EUR" };
}

/** The challenge in an outcome that has to be an action. */
async function challengeOf(sandbox: Sandbox, paid: PaymentRequest): Promise<string> {
  const outcome = await sandbox.authorise(paid);
  if (outcome.kind !== "action") throw new Error(`It is ${outcome.kind}.`);
  expect(outcome.url).toMatch(/^\/bank\?challenge=/);
  return new URL(outcome.url, "https://shop.example").searchParams.get("challenge") ?? "";
}

/** Lets the consumer ask for the payment that is due. */
async function consume(
  order: Awaited<ReturnType<typeof payingOrder>>,
  provider: PaymentProvider,
  token: string,
  step: "authorise" | "enquire" | "capture" = "authorise",
) {
  const { sku, orderId } = order;
  const sum = { amount: 49_900, currency: "EUR" };
  const body = { sku, orderId, attempt: 1, step, token, ...sum };
  const message = { id: "1", timestamp: new Date(NOON_MS), attempts: 1, body };
  const batch = createMessageBatch<PaymentDue>("ropeline-payments", [message]);
  await consumePayments(bindings, batch, provider, breakerOf(bindings, systemRuntime));
}

async function stateOf({ item, orderId }: Awaited<ReturnType<typeof payingOrder>>) {
  const answer = await item.order(orderId, "ada");
  if (!answer.ok) throw new Error("There is no such order.");
  const { status, paymentState } = answer.order;
  return [status, paymentState];
}

describe("a payment whose shopper has to act", () => {
  it.each([
    ["approve", "approved", "authorised", { kind: "authorised" }],
    ["decline", "declined", "declined", { kind: "declined", reason: "declined_at_bank" }],
  ] as const)("%s: the first answer stands, and is told", async (answer, state, kind, outcome) => {
    const { sandbox, sent } = telling();
    const paid = request("tok_action");
    const challenge = await challengeOf(sandbox, paid);
    expect(await sandbox.enquire(paid)).toMatchObject({ kind: "action" });
    expect(await sandbox.challenged(challenge)).toEqual({
      orderId: paid.orderId,
      total: { amount: 49_900, currency: "EUR" },
      state: "open",
    });
    expect(sent).toEqual([]);
    for (const again of [answer, "approve", "decline"] as const)
      expect(await sandbox.answer(challenge, again)).toMatchObject({ state });
    expect(await sandbox.challenged(challenge)).toMatchObject({ state });
    expect(await sandbox.enquire(paid)).toEqual(outcome);
    expect(await sandbox.authorise(paid)).toEqual(outcome);
    expect(new Set(sent.map(([delayMs, type]) => `${type} ${delayMs}`))).toEqual(
      new Set([`payment.${kind} 0`]),
    );
    // What is sent again is the same event.
    expect(new Set(sent.map(([, , id]) => id)).size).toBe(1);
    await sandbox.void(paid);
    expect(await sandbox.challenged(challenge)).toMatchObject({ state });
  });

  it("is closed at the bank once it was voided, and comes to nothing", async () => {
    const { sandbox, sent } = telling();
    const paid = request("tok_action");
    const challenge = await challengeOf(sandbox, paid);
    expect(await sandbox.void(paid)).toEqual({ kind: "voided" });
    expect(await sandbox.answer(challenge, "approve")).toMatchObject({ state: "closed" });
    expect(await sandbox.enquire(paid)).toEqual({ kind: "voided" });
    expect(sent).toEqual([]);
  });

  it("has an address that nobody can make up, of one attempt alone", async () => {
    const { sandbox } = telling();
    const paid = request("tok_action");
    const challenge = await challengeOf(sandbox, paid);
    const other = await challengeOf(sandbox, request("tok_action"));
    const mac = (of: string): string => of.slice(of.lastIndexOf("."));
    for (const made of [
      "",
      ".",
      paid.idempotencyKey,
      `${paid.idempotencyKey}.`,
      challenge.slice(0, -1),
      `${challenge}A`,
      paid.idempotencyKey + mac(other),
      challenge.replace(":1.", ":2."),
    ]) {
      expect(await sandbox.challenged(made), made).toBeNull();
      expect(await sandbox.answer(made, "approve"), made).toBeNull();
      expect(await PURCHASE.bank(made, null)).toMatchObject({ code: "not_found" });
    }
    expect(await PURCHASE.bank(challenge, null)).toMatchObject({ view: { state: "open" } });
  });

  it("goes on as the shopper answers, by the webhook", async () => {
    const { sandbox } = telling(false);
    const order = await payingOrder("tok_action");
    await consume(order, sandbox, "tok_action");
    expect(await stateOf(order)).toEqual(["PAYMENT_PENDING", "action"]);
    const paid = request("tok_action", order.orderId);
    const challenge = await challengeOf(sandbox, paid);
    await PURCHASE.bank(challenge, "approve");
    expect(await stateOf(order)).toEqual(["CONFIRMED", "authorised"]);
    await consume(order, sandbox, "tok_action", "capture");
    expect(await stateOf(order)).toEqual(["CONFIRMED", "captured"]);
  });

  it("goes on by the schedule's enquiry where the webhook is lost", async () => {
    const { sandbox } = telling();
    const order = await payingOrder("tok_action");
    await consume(order, sandbox, "tok_action");
    const challenge = await challengeOf(sandbox, request("tok_action", order.orderId));
    await sandbox.answer(challenge, "decline");
    expect(await stateOf(order)).toEqual(["PAYMENT_PENDING", "action"]);
    await consume(order, sandbox, "tok_action", "enquire");
    expect(await stateOf(order)).toEqual(["RESERVED", "declined"]);
  });

  it("that is abandoned is given up, voided, and its unit free; an answer after that brings nothing", async () => {
    const { sandbox } = telling(false);
    const order = await payingOrder("tok_action");
    await consume(order, sandbox, "tok_action");
    const challenge = await challengeOf(sandbox, request("tok_action", order.orderId));
    clock.advance(300 * SECOND_MS);
    // Approved after the deadline and before the void: what was authorised goes back.
    const approved = await PURCHASE.bank(challenge, "approve");
    expect(approved).toMatchObject({ view: { state: "approved" } });
    expect(await stateOf(order)).toEqual(["PAYMENT_FAILED", "voiding"]);
    expect(await levelOf(order.item)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
    await consume(order, sandbox, "tok_action", "enquire");
    expect(await stateOf(order)).toEqual(["PAYMENT_FAILED", "voided"]);
    expect(await sandbox.enquire(request("tok_action", order.orderId))).toEqual({ kind: "voided" });
    expect(await levelOf(order.item)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });
});

describe("a payment that is told by webhook as well", () => {
  it.each([
    ["tok_webhook_first", [0]],
    ["tok_webhook_twice", [200, 200]],
  ])("%s: each step, once, however often it is asked", async (token, delays) => {
    const { sandbox, sent } = telling();
    const paid = request(token);
    expect(await sandbox.authorise(paid)).toEqual({ kind: "authorised" });
    expect(await sandbox.capture(paid)).toEqual({ kind: "captured" });
    const told = (type: string) => sent.filter(([, kind]) => kind === type);
    for (const type of ["payment.authorised", "payment.captured"]) {
      expect(told(type).map(([delayMs]) => delayMs)).toEqual(delays);
      expect(new Set(told(type).map(([, , id]) => id)).size).toBe(1);
    }
  });

  it("tok_webhook_first is confirmed before its call is answered, and charged once", async () => {
    const { sandbox } = telling(false);
    const order = await payingOrder("tok_webhook_first");
    const states: unknown[] = [];
    class Watched extends Outage {
      override async authorise(paid: PaymentRequest) {
        const outcome = await super.authorise(paid);
        states.push(await stateOf(order));
        return outcome;
      }
    }
    const watched = new Watched(sandbox);
    await consume(order, watched, "tok_webhook_first");
    expect(states).toEqual([["CONFIRMED", "authorised"]]);
    expect(await stateOf(order)).toEqual(["CONFIRMED", "captured"]);
    const types = (await order.item.ledger(0)).map(({ type }) => type);
    expect(types.slice(2)).toEqual(["payment_pending", "confirmed", "captured"]);
  });
});
