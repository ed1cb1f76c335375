import { beforeEach, describe, expect, it } from "vitest";
import type { PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";
import { chargeOf, FakeBook, FakeStripe, PAID, type Fault } from "../testing/fake-stripe.ts";
import type { PaymentRequest } from "./provider.ts";
import { STRIPE_API_VERSION, stripeClient } from "./stripe-client.ts";
import { StripeProvider } from "./stripe.ts";

const PENDING = { kind: "unknown", isPending: true } as const;

const SECRET = "sk_test_of_the_tests";
const ID = "pi_1";
const BAD_REQUEST = { status: 400, error: { type: "invalid_request_error" } };

let fake: FakeStripe;
let book: FakeBook;
let stripe: StripeProvider;

beforeEach(startAnew);

function startAnew(): void {
  fake = new FakeStripe();
  book = new FakeBook();
  const client = stripeClient({ secretKey: SECRET, timeoutMs: 20, fetch: fake.fetch });
  stripe = new StripeProvider(client, book, "https://shop.example");
}

function paidWith(token: string): PaymentRequest {
  return { ...PAID, token };
}

/** Brings a payment to where a test begins. */
async function after(...steps: PaymentStep[]): Promise<void> {
  for (const step of steps) await stripe[step](PAID);
  fake.sent.length = 0;
}

describe("an authorisation", () => {
  it("makes the intent, writes it down, and only then asks the bank, each under a key of its own", async () => {
    expect(await stripe.authorise(PAID)).toEqual({ kind: "authorised" });
    expect(fake.steps()).toEqual(["payment_intents", "payment_intents/pi_1/confirm"]);
    const [made, confirmed] = fake.sent;
    expect(made?.fields).toEqual({
      amount: "49900",
      currency: "eur",
      capture_method: "manual",
      "allowed_payment_method_types[0]": "card",
      "metadata[orderId]": "order-1",
      "metadata[attempt]": "1",
    });
    expect(confirmed?.fields).toMatchObject({
      payment_method: "pm_card_visa",
      return_url: "https://shop.example/order?id=order-1",
    });
    const keys = fake.sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toEqual(["order-1:1:create", "order-1:1:confirm"]);
    expect(made?.headers.get("stripe-version")).toBe(STRIPE_API_VERSION);
    expect(made?.headers.get("authorization")).toBe(`Bearer ${SECRET}`);
    expect(book.rows).toEqual(new Map([["order-1:1", ID]]));
  });

  it("that cannot be written down does not ask the bank", async () => {
    book.remember = () => Promise.reject(new Error("D1 is down"));
    await expect(stripe.authorise(PAID)).rejects.toThrow("D1 is down");
    expect(fake.steps()).toEqual(["payment_intents"]);
  });

  it.each<[token: string, outcome: PaymentOutcome]>([
    ["pm_card_visa", { kind: "authorised" }],
    ["pm_card_chargeDeclined", { kind: "declined", reason: "generic_decline" }],
    ["pm_card_chargeDeclinedInsufficientFunds", { kind: "declined", reason: "insufficient_funds" }],
    ["pm_used", { kind: "declined", reason: "payment_method_unexpected_state" }],
    ["tok_ok", { kind: "declined", reason: "resource_missing" }],
    [
      "pm_card_threeDSecure2Required",
      { kind: "action", url: "https://hooks.stripe.com/3d_secure_2/hosted?payment_intent=pi_1" },
    ],
  ])("of %s: %j, and the same again, of one intent", async (token, outcome) => {
    expect(await stripe.authorise(paidWith(token))).toEqual(outcome);
    expect(await stripe.authorise(paidWith(token))).toEqual(outcome);
    expect(fake.intents.size).toBe(1);
  });

  it("that comes twice at once is of one intent, and asks the bank once", async () => {
    const outcomes = await Promise.all([stripe.authorise(PAID), stripe.authorise(PAID)]);
    expect(outcomes).toEqual([{ kind: "authorised" }, { kind: "authorised" }]);
    expect(fake.intents.size).toBe(1);
  });

  it("finds what it had made when the answer was lost before it was written down", async () => {
    fake.failNext(/payment_intents$/, "lost");
    await expect(stripe.authorise(PAID)).rejects.toThrow("StripeConnectionError");
    expect(book.rows.size).toBe(0);
    expect(await stripe.authorise(PAID)).toEqual({ kind: "authorised" });
    expect(fake.intents.size).toBe(1);
  });

  it("takes the intent that another writer was first to write down", async () => {
    await stripe.authorise({ ...PAID, idempotencyKey: "other" });
    book.remember = () => Promise.resolve(ID);
    expect(await stripe.authorise(PAID)).toEqual({ kind: "authorised" });
    expect(fake.intents.get("pi_2")).toMatchObject({ status: "requires_payment_method" });
  });

  it("whose answer was lost is known to the next one", async () => {
    fake.failNext(/confirm$/, "lost");
    await expect(stripe.authorise(PAID)).rejects.toThrow("StripeConnectionError");
    expect(await stripe.enquire(PAID)).toEqual({ kind: "authorised" });
    expect(await stripe.authorise(PAID)).toEqual({ kind: "authorised" });
    expect(fake.steps().filter((step) => step.endsWith("confirm"))).toHaveLength(1);
  });

  it("reads how the intent stands when it was cancelled in between", async () => {
    fake.failNext(/confirm$/, {
      ...BAD_REQUEST,
      meanwhile: () => {
        fake.change(ID, { status: "canceled" });
      },
    });
    expect(await stripe.authorise(PAID)).toEqual({ kind: "declined", reason: "voided" });
  });

  it("of a sum that Stripe does not take is declined", async () => {
    const tooSmall = { type: "invalid_request_error", code: "amount_too_small" };
    fake.failNext(/payment_intents$/, { status: 400, error: tooSmall });
    const reason = "amount_too_small";
    expect(await stripe.authorise(PAID)).toEqual({ kind: "declined", reason });
    fake.failNext(/payment_intents$/, { status: 400, error: tooSmall });
    expect(await stripe.void(PAID)).toEqual({ kind: "refused", step: "void", reason });
  });

  it.each(["ISK", "UGX", "HUF", "MGA"])(
    "in %s asks for nothing: amounts differ",
    async (currency) => {
      const outcome = await stripe.authorise({ ...PAID, currency });
      expect(outcome).toEqual({ kind: "declined", reason: "currency_not_supported" });
      expect(fake.sent).toEqual([]);
    },
  );

  it("in yen asks for yen", async () => {
    await stripe.authorise({ ...PAID, amount: 500, currency: "JPY" });
    expect(fake.sent[0]?.fields).toMatchObject({ amount: "500", currency: "jpy" });
  });
});

describe("3-D Secure", () => {
  const PASSED = { status: "requires_capture", next_action: null };
  const FAILED = {
    status: "requires_payment_method",
    next_action: null,
    last_payment_error: {
      type: "invalid_request_error",
      code: "payment_intent_authentication_failure",
    },
  };

  it.each<[what: string, changes: Record<string, unknown>, outcome: PaymentOutcome]>([
    ["is waited for", {}, { kind: "action", url: expect.stringContaining("hooks.stripe.com") }],
    ["was passed", PASSED, { kind: "authorised" }],
    ["was failed", FAILED, { kind: "declined", reason: "payment_intent_authentication_failure" }],
    ["has no page for it", { next_action: { type: "use_stripe_sdk" } }, PENDING],
    ["is being judged", { status: "processing", next_action: null }, PENDING],
  ])("%s", async (_, changes, outcome) => {
    await stripe.authorise(paidWith("pm_card_threeDSecure2Required"));
    fake.change(ID, changes);
    expect(await stripe.enquire(PAID)).toEqual(outcome);
    expect(await stripe.authorise(PAID)).toEqual(outcome);
  });
});

describe("how an intent stands", () => {
  const whole = { status: "succeeded", amount_received: 49_900 };
  const intent = { id: ID, amount: 49_900, currency: "eur", metadata: {} };

  it.each<[changes: Record<string, unknown>, outcome: PaymentOutcome]>([
    [{ status: "requires_confirmation" }, PENDING],
    [{ status: "processing" }, PENDING],
    [{ status: "requires_capture" }, { kind: "authorised" }],
    [{ status: "canceled" }, { kind: "voided" }],
    [
      { ...whole, latest_charge: chargeOf(intent, { amount_captured: 49_900 }) },
      { kind: "captured" },
    ],
    [{ ...whole, latest_charge: "ch_1" }, { kind: "captured" }],
    [{ ...whole, latest_charge: chargeOf(intent, { amount_refunded: 100 }) }, { kind: "captured" }],
    [{ ...whole, latest_charge: chargeOf(intent, { refunded: true }) }, { kind: "refunded" }],
    [
      { ...whole, latest_charge: chargeOf(intent, { amount_captured: 5, amount_refunded: 5 }) },
      { kind: "refunded" },
    ],
    // In part, by hand: the capture that is asked for next will say so.
    [{ status: "succeeded", amount_received: 100 }, { kind: "authorised" }],
    [{ status: "of a later version" }, PENDING],
  ])("%j: %j", async (changes, outcome) => {
    await after("authorise");
    fake.change(ID, changes);
    expect(await stripe.enquire(PAID)).toEqual(outcome);
    expect(fake.steps()).toEqual([]);
  });

  it("is not known of a key that nobody has used, nor of an intent that was not tried", async () => {
    expect(await stripe.enquire(PAID)).toEqual(PENDING);
    fake.failNext(/confirm$/, "unreachable");
    await expect(stripe.authorise(PAID)).rejects.toThrow("StripeConnectionError");
    expect(await stripe.enquire(PAID)).toEqual(PENDING);
  });
});

describe("a capture", () => {
  it("takes the money once, however often it is asked", async () => {
    await after("authorise");
    for (let times = 0; times < 2; times++)
      expect(await stripe.capture(PAID)).toEqual({ kind: "captured" });
    await after("refund");
    expect(await stripe.capture(PAID)).toEqual({ kind: "refunded" });
  });

  it("whose answer was lost has taken it", async () => {
    await after("authorise");
    fake.failNext(/capture$/, "lost");
    await expect(stripe.capture(PAID)).rejects.toThrow("StripeConnectionError");
    expect(await stripe.capture(PAID)).toEqual({ kind: "captured" });
  });

  it("that Stripe failed is tried anew: no key replays its error", async () => {
    await after("authorise");
    fake.failNext(/capture$/, { status: 500, error: { type: "api_error" } });
    await expect(stripe.capture(PAID)).rejects.toThrow("StripeAPIError");
    expect(await stripe.capture(PAID)).toEqual({ kind: "captured" });
  });

  const refused = (reason: string) => ({ kind: "refused", step: "capture", reason });

  it("is refused where there is nothing to take, or not all of it", async () => {
    expect(await stripe.capture(PAID)).toEqual(refused("no such payment"));
    await after("authorise");
    fake.change(ID, { status: "succeeded", amount_received: 100 });
    expect(await stripe.capture(PAID)).toEqual(refused("captured in part"));
    fake.change(ID, { status: "canceled" });
    expect(await stripe.capture(PAID)).toEqual(refused("canceled"));
  });

  it("is refused with Stripe's word for it, or not known while Stripe works on it", async () => {
    await after("authorise");
    const no = { type: "card_error", code: "capture_charge_authorization_expired" };
    fake.failNext(/capture$/, { status: 402, error: no });
    expect(await stripe.capture(PAID)).toEqual(refused("capture_charge_authorization_expired"));
    fake.change(ID, { status: "processing" });
    expect(await stripe.capture(PAID)).toEqual(PENDING);
  });
});

describe("a void", () => {
  it.each<PaymentRequest>([
    PAID,
    paidWith("pm_card_chargeDeclined"),
    paidWith("pm_card_threeDSecure2Required"),
  ])("lets the money go, whatever was asked: $token", async (paid) => {
    await stripe.authorise(paid);
    for (let times = 0; times < 2; times++)
      expect(await stripe.void(paid)).toEqual({ kind: "voided" });
    expect(fake.intents.get(ID)).toMatchObject({ status: "canceled" });
  });

  it("of a key that was never seen leaves a cancelled intent for an authorisation that is late", async () => {
    expect(await stripe.void(PAID)).toEqual({ kind: "voided" });
    expect(await stripe.authorise(PAID)).toEqual({ kind: "declined", reason: "voided" });
    expect(fake.steps()).toEqual(["payment_intents", "payment_intents/pi_1/cancel"]);
  });

  it("at the same time as the authorisation leaves no money, whoever is first", async () => {
    for (const order of [["authorise", "void"] as const, ["void", "authorise"] as const]) {
      startAnew();
      await Promise.all(order.map((step) => stripe[step](PAID)));
      expect(fake.intents.size).toBe(1);
      expect(await stripe.void(PAID)).toEqual({ kind: "voided" });
      expect(fake.intents.get(ID)).toMatchObject({ status: "canceled", amount_capturable: 0 });
    }
  });

  it("says what is too late for it", async () => {
    await after("authorise", "capture");
    expect(await stripe.void(PAID)).toEqual({ kind: "captured" });
    fake.change(ID, { amount_received: 100 });
    expect(await stripe.void(PAID)).toEqual({ kind: "captured" });
    await after("refund");
    expect(await stripe.void(PAID)).toEqual({ kind: "refunded" });
  });

  it("that is overtaken by a capture says so", async () => {
    await after("authorise");
    fake.failNext(/cancel$/, {
      ...BAD_REQUEST,
      meanwhile: () => {
        fake.change(ID, { status: "succeeded", amount_received: 49_900 });
      },
    });
    expect(await stripe.void(PAID)).toEqual({ kind: "captured" });
  });

  it("is not known while Stripe refuses for no reason that stands on the intent", async () => {
    await after("authorise");
    fake.failNext(/cancel$/, BAD_REQUEST);
    expect(await stripe.void(PAID)).toEqual(PENDING);
  });
});

describe("a refund", () => {
  const refused = (reason: string) => ({ kind: "refused", step: "refund", reason });

  it("gives all that is left back, once", async () => {
    await after("authorise", "capture");
    for (let times = 0; times < 2; times++)
      expect(await stripe.refund(PAID)).toEqual({ kind: "refunded" });
    expect(fake.steps()).toEqual(["refunds"]);
    expect(fake.sent.find(({ method }) => method === "POST")?.fields).toEqual({
      payment_intent: ID,
      "metadata[orderId]": "order-1",
    });
  });

  it("finds the intent in the book weeks later, when no key replays anything any more", async () => {
    await after("authorise", "capture");
    fake.forgetKeys();
    expect(await stripe.refund(PAID)).toEqual({ kind: "refunded" });
  });

  it("that somebody was faster with is done", async () => {
    await after("authorise", "capture");
    expect(await Promise.all([stripe.refund(PAID), stripe.refund(PAID)])).toEqual([
      { kind: "refunded" },
      { kind: "refunded" },
    ]);
  });

  it("is refused where there is nothing to give back", async () => {
    expect(await stripe.refund(PAID)).toEqual(refused("no such payment"));
    await after("authorise");
    expect(await stripe.refund(PAID)).toEqual(refused("requires_capture"));
    await after("void");
    expect(await stripe.refund(PAID)).toEqual({ kind: "voided" });
    expect(fake.steps()).toEqual([]);
  });

  it("is refused with Stripe's word for it", async () => {
    await after("authorise", "capture");
    const no = { type: "invalid_request_error", code: "charge_disputed" };
    fake.failNext(/refunds$/, { status: 400, error: no });
    expect(await stripe.refund(PAID)).toEqual(refused("charge_disputed"));
  });
});

describe("what may pass", () => {
  const bare = { type: "api_error", message: `Something of ${SECRET}` };
  it.each<[what: string, fault: Fault, says: string]>([
    ["no connection", "unreachable", "StripeConnectionError"],
    ["no answer in time", "hangs", "StripeConnectionError"],
    ["too many requests", { status: 429, error: bare }, "StripeRateLimitError"],
    ["a lock", { status: 429, error: { ...bare, code: "lock_timeout" } }, "lock_timeout"],
    ["the same key at the same time", { status: 409, error: bare }, "StripeAPIError"],
    ["an outage", { status: 503, error: bare }, "StripeAPIError"],
    ["a wrong key", { status: 401, error: bare }, "StripeAuthenticationError"],
    [
      "another body under the key",
      { status: 400, error: { ...bare, type: "idempotency_error" } },
      "StripeIdempotencyError",
    ],
  ])("%s is not known, and says nothing that is secret", async (_, fault, says) => {
    for (const step of ["authorise", "capture", "void", "refund", "enquire"] as const) {
      startAnew();
      if (step !== "authorise") await stripe.authorise(PAID);
      if (step === "refund") await stripe.capture(PAID);
      fake.failNext(/./, fault);
      const failure = await stripe[step](PAID).catch((error: unknown) => String(error));
      expect(failure).toContain(says);
      expect(failure).not.toContain(SECRET);
    }
  });
});

describe("a fingerprint", () => {
  it("is the card's, whatever token stands for it", async () => {
    expect(await stripe.fingerprint("pm_card_visa")).toBe("fingerprint_of_pm_card_visa");
    expect(await stripe.fingerprint("pm_of_nobody")).toBeNull();
    expect(await stripe.fingerprint("a/b?c#d")).toBeNull();
    expect(fake.sent.at(-1)?.path).toBe("/v1/payment_methods/a%2Fb%3Fc%23d");
  });

  it("is not known while Stripe does not answer", async () => {
    fake.failNext(/payment_methods/, "unreachable");
    await expect(stripe.fingerprint("pm_card_visa")).rejects.toThrow("StripeConnectionError");
  });
});
