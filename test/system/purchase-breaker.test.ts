import { createMessageBatch } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LedgerPage } from "../../domain/purchase/ledger.ts";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import {
  consumeDeadPages,
  consumeDeadPayments,
} from "../../workers/purchase/consumers/dead-letters.ts";
import { consumePayments } from "../../workers/purchase/consumers/payments.ts";
import { consumeLedger } from "../../workers/purchase/consumers/projection.ts";
import { BreakerLink } from "../../workers/purchase/providers/breaker-link.ts";
import { breakerOf } from "../../workers/purchase/providers/breaker.ts";
import { useTestClock } from "./support/clock.ts";
import { ManualRuntime } from "./support/manual-runtime.ts";
import { bindings, createItem, uniqueName } from "./support/objects.ts";
import {
  bankOfTests,
  envWithout,
  Outage,
  paymentBatch,
  PaymentLine,
  retriedOf,
} from "./support/payments.ts";
import { checkoutOf, MINUTE_MS, NOON_MS, reservation, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();
const { PURCHASE } = bindings;
const FIVE_FAILURES = { failures: 5, successes: 0, isTrial: false };
const OPENS_MS = NOON_MS + 30 * SECOND_MS;

const warned = vi.spyOn(console, "warn");
const failed = vi.spyOn(console, "error");
beforeEach(() => {
  warned.mockReset().mockReturnValue();
  failed.mockReset().mockReturnValue();
});

function sandboxThatMayFail() {
  const provider = new Outage(bankOfTests());
  return { provider, line: new PaymentLine(provider) };
}

/** An item whose order is to be paid. */
async function payingItem(shopper = "ada") {
  const name = uniqueName("phone");
  const item = await createItem({ sku: name });
  const orderId = `order-of-${name}`;
  await item.reserve(reservation(shopper, { orderId }));
  await item.checkout(orderId, shopper, checkoutOf());
  const due: PaymentDue = {
    sku: name,
    orderId,
    attempt: 1,
    step: "authorise",
    token: "tok_ok",
    amount: 49_900,
    currency: "EUR",
    asked: 1,
  };
  const read = async () => (await item.order(orderId, shopper)) as { order: object };
  return { item, orderId, due, read };
}

describe("a batch of payments", () => {
  it("tells the breaker once what became of it", async () => {
    const { line } = sandboxThatMayFail();
    const report = vi.spyOn(line.link, "report");
    const [paid, declined] = [await payingItem(), await payingItem()];
    await line.consume(paid.due, { ...declined.due, token: "tok_decline" });
    // Authorised, captured, declined: three answers.
    expect(report.mock.calls).toEqual([[{ failures: 0, successes: 3, isTrial: false }]]);
  });

  it("opens the breaker when nobody answers it; the next one asks nobody", async () => {
    const { provider, line } = sandboxThatMayFail();
    provider.down = "before";
    const orders = await Promise.all(Array.from({ length: 5 }, () => payingItem()));
    await line.consume(...orders.map(({ due }) => due));
    expect(provider.asked).toHaveLength(5);
    await line.consume(...orders.map(({ due }) => due));
    expect(provider.asked).toHaveLength(5);
    for (const { read } of orders)
      expect(await read()).toMatchObject({ order: { status: "PAYMENT_PENDING" } });
  });

  it("tries one message when the breaker's time is over, and all when it is answered", async () => {
    const { provider, line } = sandboxThatMayFail();
    const orders = await Promise.all(Array.from({ length: 3 }, () => payingItem()));
    const dues = orders.map(({ due }) => due);
    await line.breaker.report(FIVE_FAILURES);
    clock.set(OPENS_MS);
    provider.down = "before";
    await line.consume(...dues);
    expect(provider.asked).toHaveLength(1);
    clock.advance(30 * SECOND_MS);
    provider.down = "no";
    await line.consume(...dues);
    expect(provider.asked).toHaveLength(1 + 2 * dues.length);
    for (const { read } of orders)
      expect(await read()).toMatchObject({ order: { status: "CONFIRMED" } });
    expect(await line.breaker.admit()).toEqual({ kind: "ask" });
  });

  it("does not take an answer that is not known yet for a failure", async () => {
    const { line } = sandboxThatMayFail();
    const { due } = await payingItem();
    for (let times = 0; times < 6; times++) await line.consume({ ...due, token: "tok_late_ok" });
    expect(await line.breaker.admit()).toEqual({ kind: "ask" });
  });

  it("goes on as if it were closed when the breaker fails, or says nothing for a second", async () => {
    const provider = new Outage(bankOfTests());
    const [first, second] = [await payingItem(), await payingItem()];
    const lost = async (): Promise<never> => Promise.reject(new Error("Network connection lost."));
    const broken = new BreakerLink(
      () => ({ admit: lost, report: lost, opensAtMs: lost }),
      systemRuntime,
    );
    await consumePayments(bindings, paymentBatch([first.due]), provider, broken);
    expect(await first.read()).toMatchObject({ order: { status: "CONFIRMED" } });
    const runtime = new ManualRuntime();
    const silence = (): Promise<never> => new Promise(() => {});
    const silent = new BreakerLink(
      () => ({ admit: silence, report: silence, opensAtMs: silence }),
      runtime,
    );
    const consumed = consumePayments(bindings, paymentBatch([second.due]), provider, silent);
    await runtime.advance(SECOND_MS);
    await vi.waitFor(() => {
      expect(runtime.delays()).toEqual([SECOND_MS]);
    });
    await runtime.advance(SECOND_MS);
    await consumed;
    expect(await second.read()).toMatchObject({ order: { status: "CONFIRMED" } });
  });

  it("has a message come again whose item fails, and forgets what nobody can read", async () => {
    const { line } = sandboxThatMayFail();
    const { due, read } = await payingItem();
    const failing = { ...due, sku: "out-of-reach" };
    line.env = envWithout(failing.sku);
    const batch = await line.consume(null, { ...due, step: "bless" }, failing, due);
    expect(await read()).toMatchObject({ order: { status: "CONFIRMED" } });
    expect(await retriedOf(batch)).toEqual(["payment-2"]);
    expect(failed.mock.calls.map(([said]) => said)).toEqual([
      { event: "payment.unreadable", id: "payment-0" },
      { event: "payment.unreadable", id: "payment-1" },
    ]);
  });

  it("of which nothing can be read asks nobody anything", async () => {
    const { line } = sandboxThatMayFail();
    const admit = vi.spyOn(line.link, "admit");
    await line.consume("?", 7);
    expect(admit).not.toHaveBeenCalled();
  });
});

describe("money of an attempt that is over", () => {
  /** The first card is declined, and its bank takes the money nevertheless; the second is being tried. */
  async function overdueMoney() {
    const order = await payingItem();
    const { item, orderId } = order;
    await item.paymentResult(orderId, 1, { kind: "declined", reason: "no" });
    const again = { idempotencyKey: "checkout-2", bodyHash: "checkout-body-2" };
    await item.checkout(orderId, "ada", checkoutOf(again));
    const paid = { ...order.due, idempotencyKey: `${orderId}:1` };
    await bankOfTests().authorise(paid);
    return { ...order, paid };
  }

  it("goes back by a message that comes again until it is done", async () => {
    const { provider, line } = sandboxThatMayFail();
    const { due, paid, read } = await overdueMoney();
    provider.down = "before";
    const undo = { ...due, step: "void" };
    expect(await retriedOf(await line.consume(undo))).toEqual(["payment-0"]);
    // Nor is it forgotten while the breaker is open.
    await line.breaker.report(FIVE_FAILURES);
    expect(await retriedOf(await line.consume(undo))).toEqual(["payment-0"]);
    clock.advance(MINUTE_MS);
    provider.down = "no";
    expect(await retriedOf(await line.consume(undo))).toEqual([]);
    expect(await bankOfTests().enquire(paid)).toEqual({ kind: "voided" });
    expect(await read()).toMatchObject({
      order: { status: "PAYMENT_PENDING", paymentAttempts: 2, paymentAttention: null },
    });
  });

  it("goes back by who has heard of it, or by the same message once more", async () => {
    const { provider, line } = sandboxThatMayFail();
    const { due, paid } = await overdueMoney();
    const voids = vi.spyOn(provider, "void").mockResolvedValueOnce({ kind: "unknown" });
    expect(await retriedOf(await line.consume(due))).toEqual(["payment-0"]);
    provider.down = "before";
    expect(await retriedOf(await line.consume(due))).toEqual(["payment-0"]);
    provider.down = "no";
    expect(await retriedOf(await line.consume(due))).toEqual([]);
    expect(voids).toHaveBeenCalledTimes(2);
    expect(await bankOfTests().enquire(paid)).toEqual({ kind: "voided" });
  });

  it("comes before a person where the provider refuses it to the last try", async () => {
    const { provider, line } = sandboxThatMayFail();
    const { due, read } = await overdueMoney();
    const refused = { kind: "refused", step: "refund", reason: "no" } as const;
    vi.spyOn(provider, "refund").mockResolvedValue(refused);
    const undo = { ...due, step: "refund" };
    expect(await retriedOf(await line.consume(undo))).toEqual(["payment-0"]);
    await consumeDeadPayments(bindings, paymentBatch([undo]));
    expect(await read()).toMatchObject({
      order: {
        status: "PAYMENT_PENDING",
        paymentAttention: "the message to refund attempt 1, which is over, could not be handled",
      },
    });
  });
});

describe("dead letters", () => {
  const bury = async (...bodies: unknown[]) => {
    const batch = paymentBatch(bodies);
    await consumeDeadPayments(bindings, batch);
    return batch;
  };

  it("put a payment before a person, once; retry and go on", async () => {
    const { item, orderId, due, read } = await payingItem();
    await item.paymentResult(orderId, 1, { kind: "authorised" });
    const dead = { ...due, step: "capture" };
    await bury(dead, dead);
    expect(await read()).toMatchObject({
      order: { paymentAttention: "the message to capture could not be handled" },
    });
    const by = { actor: "root", reason: "looked at it" };
    expect(await item.retryPayment(orderId, by)).toMatchObject({ ok: true });
    const { line } = sandboxThatMayFail();
    await bankOfTests().authorise({ ...due, idempotencyKey: `${orderId}:1` });
    await line.run(item);
    expect(await read()).toMatchObject({
      order: { paymentState: "captured", paymentAttention: null },
    });
    const types = (await item.ledger(0)).map(({ type }) => type);
    expect(types.filter((type) => type === "attention")).toHaveLength(1);
  });

  it("leave a payment alone that has moved on, or whose deadline is still to come", async () => {
    const { item, orderId, due, read } = await payingItem();
    await bury(due);
    expect(await read()).toMatchObject({ order: { paymentAttention: null } });
    await item.paymentResult(orderId, 1, { kind: "captured" });
    await bury(due, { ...due, orderId: "no-such-order" });
    expect(await read()).toMatchObject({ order: { paymentAttention: null } });
  });

  it("that nobody can read are logged, and those whose item fails come again", async () => {
    const { due } = await payingItem();
    const batch = paymentBatch([{ nothing: true }, due]);
    await consumeDeadPayments(envWithout(due.sku), batch);
    expect(await retriedOf(batch)).toEqual(["payment-1"]);
    expect(failed).toHaveBeenCalledWith({ event: "payment.unreadable", id: "payment-0" });
  });

  it("of the ledger that are no page are logged, and no one's loss", async () => {
    const page = (body: unknown) =>
      createMessageBatch<LedgerPage>("ropeline-ledger", [
        { id: "page", timestamp: new Date(), attempts: 1, body: body as LedgerPage },
      ]);
    await consumeDeadPages(bindings, page("?"));
    await consumeLedger(bindings, page({ sku: "phone" }));
    expect(failed.mock.calls.map(([said]) => said)).toEqual([
      { event: "ledger.unreadable", id: "page" },
      { event: "ledger.unreadable", id: "page" },
    ]);
  });
});

describe("a checkout while the provider's breaker is open", () => {
  const breaker = () => breakerOf(bindings, systemRuntime);
  // Another time than that of any other test: what the isolate heard of this breaker in those does not count.
  beforeEach(() => clock.advance(37 * MINUTE_MS));

  async function heldOrder(holdSeconds: number) {
    const sku = uniqueName("phone");
    const item = await createItem({ sku, holdSeconds });
    const orderId = `order-of-${sku}`;
    await item.reserve(reservation("ada", { orderId }));
    const pay = (changes: Parameters<typeof checkoutOf>[0] = {}) =>
      PURCHASE.checkout(sku, orderId, "ada", checkoutOf(changes));
    return { item, orderId, pay };
  }

  it("is refused when its hold is too short, starts when it is long enough, and cash goes on", async () => {
    const [short, long] = [await heldOrder(20), await heldOrder(120)];
    clock.advance(MINUTE_MS);
    await breaker().report(FIVE_FAILURES);
    const [fresh, cash] = [await heldOrder(20), await heldOrder(20)];
    expect(await fresh.pay()).toEqual({
      ok: false,
      code: "payment_unavailable",
      detail: "The payment provider answers nobody at the moment. Nothing was charged.",
      retryAfterSeconds: 30,
    });
    expect(await fresh.item.order(fresh.orderId, "ada")).toMatchObject({
      order: { status: "RESERVED", paymentAttempts: 0 },
    });
    expect(await cash.pay({ paymentMethod: "cod", paymentToken: "" })).toMatchObject({
      order: { status: "CONFIRMED" },
    });
    expect(await long.pay()).toMatchObject({ order: { status: "PAYMENT_PENDING" } });
    expect(await short.pay()).toMatchObject({ code: "order_state_conflict" });
    clock.advance(19 * SECOND_MS);
    expect(await fresh.pay()).toMatchObject({ code: "payment_unavailable", retryAfterSeconds: 11 });
  });

  it("asks the breaker at most once a second", async () => {
    clock.advance(10 * MINUTE_MS);
    const stub = bindings.PROVIDER_BREAKER.getByName("sandbox");
    const { pay } = await heldOrder(120);
    await pay();
    await stub.report(FIVE_FAILURES);
    const later = await heldOrder(20);
    // What was heard a moment ago still holds, so this payment starts, and waits.
    expect(await later.pay()).toMatchObject({ order: { status: "PAYMENT_PENDING" } });
  });
});
