import { createMessageBatch } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import type { PaymentDue, PaymentOutcome, PaymentStep } from "../../domain/purchase/payment.ts";
import { scheduleOf } from "../../domain/purchase/schedule.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { consumePayments } from "../../workers/purchase/consumers/payments.ts";
import { breakerOf } from "../../workers/purchase/providers/breaker.ts";
import type { PaymentProvider, PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import { Sandbox } from "../../workers/purchase/providers/sandbox.ts";
import { quietDesk } from "./support/webhooks.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, createItem, levelOf, uniqueName } from "./support/objects.ts";
import { ManualRuntime } from "./support/manual-runtime.ts";
import { WatchedProvider } from "./support/payments.ts";
import { checkoutOf, reservation, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();
const { DB } = bindings;

const AUTHORISED: PaymentOutcome = { kind: "authorised" };
const DECLINED: PaymentOutcome = { kind: "declined", reason: "card_declined" };
const UNKNOWN: PaymentOutcome = { kind: "unknown" };
/** The provider answers, and does not know yet. */
const PENDING: PaymentOutcome = { kind: "unknown", isPending: true };

function request(token: string, orderId = uniqueName("order"), attempt = 1): PaymentRequest {
  const idempotencyKey = `${orderId}:${attempt}`;
  return { orderId, idempotencyKey, token, amount: 49_900, currency: "EUR" };
}

/** What was booked of a key, by kind. */
async function bookingsOf({ idempotencyKey }: PaymentRequest): Promise<string[]> {
  const { results } = await DB.prepare(
    "SELECT kind FROM sandbox_booking WHERE idempotency_key = ? ORDER BY kind",
  )
    .bind(idempotencyKey)
    .all<{ kind: string }>();
  return results.map(({ kind }) => kind);
}

async function bookOf({ idempotencyKey }: PaymentRequest) {
  return DB.prepare("SELECT state, asked, amount FROM sandbox_payment WHERE idempotency_key = ?")
    .bind(idempotencyKey)
    .first();
}

describe("the sandbox", () => {
  const sandbox = new Sandbox(DB, systemRuntime, quietDesk);

  it.each<[token: string, outcome: PaymentOutcome]>([
    ["tok_ok", AUTHORISED],
    ["tok_ok#4242", AUTHORISED],
    ["tok_decline", DECLINED],
    ["tok_decline#4242", DECLINED],
    ["tok_insufficient_funds", { kind: "declined", reason: "insufficient_funds" }],
    ["tok_no_such_token", DECLINED],
    ["", DECLINED],
  ])("%j: %j, and the same again", async (token, outcome) => {
    const paid = request(token);
    expect(await sandbox.authorise(paid)).toEqual(outcome);
    expect(await sandbox.authorise(paid)).toEqual(outcome);
    expect(await bookOf(paid)).toEqual({
      state: outcome.kind,
      asked: 2,
      amount: 49_900,
    });
    expect(await sandbox.enquire(paid)).toEqual(outcome);
    expect(await bookingsOf(paid)).toEqual(outcome.kind === "authorised" ? ["charge"] : []);
  });

  it.each<[token: string, outcome: PaymentOutcome]>([
    ["tok_timeout_ok", AUTHORISED],
    ["tok_timeout_decline", DECLINED],
  ])("%s hangs once; whoever asks then hears what became of it", async (token, outcome) => {
    const paid = request(token);
    expect(await sandbox.authorise(paid)).toEqual(UNKNOWN);
    expect(await sandbox.enquire(paid)).toEqual(outcome);
    expect(await sandbox.authorise(paid)).toEqual(outcome);
  });

  it("tok_late_ok is unknown, and cannot be voided, until its hold is long gone", async () => {
    const time = new ManualRuntime();
    const late = new Sandbox(DB, time, quietDesk);
    const paid = request("tok_late_ok");
    for (const step of ["authorise", "enquire", "void", "authorise"] as const)
      expect(await late[step](paid)).toEqual(PENDING);
    await time.advance(100 * SECOND_MS);
    expect(await late.enquire(paid)).toEqual(AUTHORISED);
    expect(await late.void(paid)).toEqual({ kind: "voided" });
    expect(await bookingsOf(paid)).toEqual(["charge", "void"]);
  });

  it("tok_late_ok comes sooner where payments run faster", async () => {
    const time = new ManualRuntime();
    const late = new Sandbox(DB, time, quietDesk, scheduleOf({ TIME_SCALE: "3" }));
    const paid = request("tok_late_ok");
    expect(await late.authorise(paid)).toEqual(PENDING);
    await time.advance(33_332);
    expect(await late.enquire(paid)).toEqual(PENDING);
    await time.advance(1);
    expect(await late.enquire(paid)).toEqual(AUTHORISED);
  });

  it.each([
    ["tok_ok#4242", "4242"],
    ["tok_decline#4242", "4242"],
    ["tok_ok", "tok_ok"],
    ["#", ""],
  ])("%s is the card %j", async (token, card) => {
    expect(await sandbox.fingerprint(token)).toBe(card);
  });

  it("knows nothing of a key that nobody has used", async () => {
    const paid = request("tok_ok");
    expect(await sandbox.enquire(paid)).toEqual(PENDING);
    expect(await sandbox.capture(paid)).toEqual({
      kind: "refused",
      step: "capture",
      reason: "no such charge",
    });
    expect(await sandbox.refund(paid)).toMatchObject({ kind: "refused", step: "refund" });
    expect(await bookingsOf(paid)).toEqual([]);
  });

  it("books a charge, a capture and a refund once each, however often they are asked", async () => {
    const paid = request("tok_ok");
    await sandbox.authorise(paid);
    expect(await sandbox.refund(paid)).toMatchObject({ kind: "refused", reason: "authorised" });
    for (let times = 0; times < 2; times++)
      expect(await sandbox.capture(paid)).toEqual({ kind: "captured" });
    for (let times = 0; times < 2; times++)
      expect(await sandbox.refund(paid)).toEqual({ kind: "refunded" });
    expect(await sandbox.capture(paid)).toEqual({ kind: "refunded" });
    expect(await sandbox.void(paid)).toEqual({ kind: "refunded" });
    expect(await bookingsOf(paid)).toEqual(["capture", "charge", "refund"]);
  });

  it("tok_timeout hangs once, then is authorised or declined by order id, and stays so", async () => {
    const outcomes = new Map<string, string>();
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const paid = request("tok_timeout", `timeout-${index}`);
        expect(await sandbox.authorise(paid)).toEqual(UNKNOWN);
        const second = await sandbox.authorise(paid);
        expect(await sandbox.authorise(paid)).toEqual(second);
        outcomes.set(paid.orderId, second.kind);
      }),
    );
    expect(new Set(outcomes.values())).toEqual(new Set(["authorised", "declined"]));
  });

  it("books the capture, and a repeated authorisation is still one", async () => {
    const paid = request("tok_ok");
    await sandbox.authorise(paid);
    expect(await sandbox.capture(paid)).toEqual({ kind: "captured" });
    expect(await sandbox.capture(paid)).toEqual({ kind: "captured" });
    expect(await sandbox.authorise(paid)).toEqual({ kind: "captured" });
    expect(await bookOf(paid)).toMatchObject({ state: "captured" });
  });

  it("books the void, and authorises it no more", async () => {
    const paid = request("tok_ok");
    await sandbox.authorise(paid);
    expect(await sandbox.void(paid)).toEqual({ kind: "voided" });
    expect(await sandbox.void(paid)).toEqual({ kind: "voided" });
    expect(await sandbox.authorise(paid)).toEqual({ kind: "declined", reason: "voided" });
    expect(await bookOf(paid)).toMatchObject({ state: "voided" });
  });

  it("voids a payment that it never saw: an authorisation that comes late finds it voided", async () => {
    const paid = request("tok_ok");
    expect(await sandbox.void(paid)).toEqual({ kind: "voided" });
    expect(await sandbox.authorise(paid)).toEqual({ kind: "declined", reason: "voided" });
    expect(await bookOf(paid)).toEqual({ state: "voided", asked: 1, amount: 49_900 });
  });

  it("neither voids what was captured nor captures what was voided", async () => {
    const [captured, voided] = [request("tok_ok"), request("tok_ok")];
    for (const paid of [captured, voided]) await sandbox.authorise(paid);
    await sandbox.capture(captured);
    expect(await sandbox.void(captured)).toEqual({ kind: "captured" });
    expect(await bookOf(captured)).toMatchObject({ state: "captured" });
    await sandbox.void(voided);
    expect(await sandbox.capture(voided)).toMatchObject({ kind: "refused", reason: "voided" });
    expect(await sandbox.refund(voided)).toEqual({ kind: "voided" });
    expect(await bookOf(voided)).toMatchObject({ state: "voided" });
  });

  it("keeps attempts apart", async () => {
    const first = request("tok_decline", "two-attempts", 1);
    const second = request("tok_ok", "two-attempts", 2);
    expect(await sandbox.authorise(first)).toEqual(DECLINED);
    expect(await sandbox.authorise(second)).toEqual(AUTHORISED);
    expect(await sandbox.authorise(first)).toEqual(DECLINED);
  });
});

/** A provider that answers as told and notes what it was asked. */
class TellingProvider extends WatchedProvider {
  readonly #answers: Partial<Record<PaymentStep, PaymentOutcome | Error>>;

  constructor(answers: Partial<Record<PaymentStep, PaymentOutcome | Error>>) {
    super();
    this.#answers = answers;
  }

  protected override async answer(step: PaymentStep): Promise<PaymentOutcome> {
    const answer = this.#answers[step];
    if (answer === undefined) throw new Error(`Nobody should ask for ${step}.`);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

/** An order whose payment is due, and its message. */
async function dueOrder(step: PaymentStep = "authorise") {
  const sku = uniqueName("paid");
  const orderId = `order-of-${sku}`;
  const item = await createItem({ sku, stock: 1 });
  await item.reserve(reservation("ada", { orderId }));
  await item.checkout(orderId, "ada", checkoutOf());
  const due: PaymentDue = {
    sku,
    orderId,
    attempt: 1,
    step,
    token: "tok_ok",
    amount: 49_900,
    currency: "EUR",
  };
  return { item, orderId, due, key: `${orderId}:1` };
}

async function consume(provider: PaymentProvider, ...due: PaymentDue[]): Promise<void> {
  const messages = due.map((body, index) => ({
    id: `payment-${index}`,
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch<PaymentDue>("ropeline-payments", messages);
  await consumePayments(bindings, batch, provider, breakerOf(bindings, systemRuntime));
}

describe("a payment message", () => {
  it("authorises, confirms, and only then captures", async () => {
    const { item, orderId, due, key } = await dueOrder();
    const provider = new TellingProvider({ authorise: AUTHORISED, capture: { kind: "captured" } });
    await consume(provider, due);
    expect(provider.asked).toEqual([
      ["authorise", key],
      ["capture", key],
    ]);
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "CONFIRMED", paymentState: "captured" },
    });
    expect(await levelOf(item)).toEqual({ stock: 1, available: 0, held: 0, sold: 1 });
  });

  it("that comes twice, or at the same time, charges once and sells once", async () => {
    const { item, due } = await dueOrder();
    const provider = new TellingProvider({ authorise: AUTHORISED, capture: { kind: "captured" } });
    await consume(provider, due, due);
    await consume(provider, due);
    expect(await levelOf(item)).toEqual({ stock: 1, available: 0, held: 0, sold: 1 });
    const confirmed = (await item.ledger(0)).filter((event) => event.type === "confirmed");
    expect(confirmed).toHaveLength(1);
  });

  it("that is declined asks for nothing more", async () => {
    const { item, orderId, due, key } = await dueOrder();
    const provider = new TellingProvider({ authorise: DECLINED });
    await consume(provider, due);
    expect(provider.asked).toEqual([["authorise", key]]);
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "RESERVED", paymentError: "card_declined" },
    });
  });

  it("that times out leaves the order as it is, for a later attempt of the same key", async () => {
    const { item, orderId, due, key } = await dueOrder();
    const provider = new TellingProvider({ authorise: UNKNOWN });
    await consume(provider, due);
    expect(provider.asked).toEqual([["authorise", key]]);
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "PAYMENT_PENDING" },
    });
  });

  it("whose hold was given up meanwhile is voided, so that nobody pays for nothing", async () => {
    const { item, orderId, due, key } = await dueOrder();
    clock.advance(90 * SECOND_MS);
    const provider = new TellingProvider({ authorise: AUTHORISED, void: { kind: "voided" } });
    await consume(provider, due);
    expect(provider.asked).toEqual([
      ["authorise", key],
      ["void", key],
    ]);
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "PAYMENT_FAILED", paymentState: "voided" },
    });
    expect(await levelOf(item)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });

  it("of a payment that was given up asks, finds it captured, and refunds it", async () => {
    const { item, orderId, due, key } = await dueOrder("enquire");
    clock.advance(90 * SECOND_MS);
    const captured: PaymentOutcome = { kind: "captured" };
    const provider = new TellingProvider({ enquire: captured, refund: { kind: "refunded" } });
    await consume(provider, due);
    expect(provider.asked).toEqual([
      ["enquire", key],
      ["refund", key],
    ]);
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "PAYMENT_FAILED", paymentState: "refunded" },
    });
    const types = (await item.ledger(0)).map(({ type }) => type);
    expect(types.slice(-3)).toEqual(["payment_failed", "refunding", "paid_back"]);
    expect(await levelOf(item)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });

  it.each<[step: PaymentStep, outcome: PaymentOutcome]>([
    ["capture", { kind: "captured" }],
    ["void", { kind: "voided" }],
  ])("may ask for the %s alone", async (step, outcome) => {
    const { due, key } = await dueOrder(step);
    const provider = new TellingProvider({ [step]: outcome });
    await consume(provider, due);
    expect(provider.asked).toEqual([[step, key]]);
  });

  it("that fails does not keep the others of its batch from being paid", async () => {
    const [first, second] = [await dueOrder(), await dueOrder()];
    const broken = { ...first.due, sku: "no-such-item" };
    const failing = new TellingProvider({ authorise: new Error("the provider is down") });
    const warnings = vi.spyOn(console, "warn").mockReturnValue();
    await consume(failing, first.due);
    expect(warnings.mock.lastCall).toEqual([
      {
        event: "payment.failed",
        orderId: first.orderId,
        error: "Error: the provider is down",
      },
    ]);
    warnings.mockRestore();
    expect(await first.item.order(first.orderId, "ada")).toMatchObject({
      order: { status: "PAYMENT_PENDING" },
    });
    const provider = new TellingProvider({ authorise: AUTHORISED, capture: { kind: "captured" } });
    await consume(provider, broken, second.due);
    expect(await levelOf(second.item)).toMatchObject({ sold: 1 });
  });
});
