import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment, SECOND_MS } from "../../test/system/support/samples.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import { orderRow } from "./ledger.ts";
import { hearNotice, type PaymentNotice } from "./notice.ts";
import { stepOf, type Payment, type PaymentState, type PaymentStep } from "./payment.ts";
import { resolvePayment, retryPayment } from "./refund.ts";

const NOTICE: PaymentNotice = {
  eventId: "evt_1",
  orderId: "order-1",
  attempt: 1,
  outcome: { kind: "authorised" },
  amount: 49_900,
  currency: "EUR",
};
const BY = { actor: "u_ann", reason: "looked" };

function order(status: OrderStatus, state: PaymentState, changes: Partial<Payment> = {}): Hold {
  return hold({
    status,
    payment: payment({ state, nextAttemptAtMs: NOON_MS + 9_000, ...changes }),
  });
}

function counters({ status }: Hold) {
  const isHeld = status === "RESERVED" || status === "PAYMENT_PENDING";
  return level(1, isHeld ? 1 : 0, status === "CONFIRMED" ? 1 : 0);
}

function hear(of: Hold, changes: Partial<PaymentNotice> = {}) {
  return hearNotice(of, counters(of), { ...NOTICE, ...changes }, NOON_MS + SECOND_MS, 0.5);
}

/** The order as a notice leaves it. */
function told(of: Hold, changes: Partial<PaymentNotice> = {}): Hold {
  const { answer, change, undo } = hear(of, changes);
  expect([answer, undo]).toEqual([{ ok: true }, null]);
  return change?.hold ?? of;
}

describe("a notice", () => {
  it.each<[OrderStatus, PaymentState, PaymentNotice["outcome"]["kind"], PaymentState, PaymentStep]>(
    [
      ["PAYMENT_PENDING", "due", "authorised", "authorised", "capture"],
      ["PAYMENT_PENDING", "action", "authorised", "authorised", "capture"],
      ["PAYMENT_FAILED", "voided", "authorised", "voiding", "enquire"],
      ["PAYMENT_FAILED", "voided", "captured", "refunding", "refund"],
      ["PAYMENT_FAILED", "voiding", "captured", "refunding", "refund"],
    ],
  )(
    "of a payment that is %s %s and now %s: %s, and the %s is due at once",
    (status, state, kind, becomes, step) => {
      const next = told(order(status, state), { outcome: { kind } as PaymentNotice["outcome"] });
      expect(next.payment).toMatchObject({
        state: becomes,
        nextAttemptAtMs: NOON_MS + SECOND_MS,
        heard: ["evt_1"],
      });
      expect(next.payment && stepOf(next.payment)).toBe(step);
    },
  );

  it.each<PaymentState>(["captured", "authorised", "by_hand"])(
    "that the money is back, of what is sold and %s, brings order and units back",
    (state) => {
      const before = order("CONFIRMED", state);
      const { change, undo } = hear(before, { outcome: { kind: "refunded" } });
      expect([change?.type, undo]).toEqual(["refunded", null]);
      expect(change?.hold).toMatchObject({
        status: "REFUNDED",
        payment: { state: "refunded", nextAttemptAtMs: null, heard: ["evt_1"] },
      });
      expect(change?.level).toEqual(level(1, 0, 0));
    },
  );

  it.each<[OrderStatus, PaymentState, PaymentNotice["outcome"]]>([
    ["REFUNDED", "by_hand", { kind: "refunded" }],
    ["REFUNDED", "refunded", { kind: "refunded" }],
    ["CONFIRMED", "authorised", { kind: "authorised" }],
    ["CONFIRMED", "captured", { kind: "authorised" }],
    ["CONFIRMED", "captured", { kind: "declined", reason: "late" }],
    ["CONFIRMED", "refunding", { kind: "captured" }],
    ["REFUNDED", "refunded", { kind: "captured" }],
    ["PAYMENT_PENDING", "action", { kind: "action", url: "/bank" }],
    ["PAYMENT_PENDING", "due", { kind: "unknown" }],
    ["PAYMENT_FAILED", "voiding", { kind: "authorised" }],
  ])("of a payment that is %s %s changes nothing when it is late: %j", (status, state, outcome) => {
    expect(hear(order(status, state), { outcome })).toEqual({
      answer: { ok: true },
      change: null,
      undo: null,
    });
  });

  it("that comes again has no effect, though the state would take it", () => {
    const heard = order("REFUNDED", "voided", { heard: ["evt_1"] });
    expect(hear(heard)).toEqual({ answer: { ok: true }, change: null, undo: null });
    expect(told(heard, { eventId: "evt_2" }).payment?.state).toBe("voiding");
  });

  it("is one of the newest eight that are remembered", () => {
    const heard = Array.from({ length: 8 }, (_, index) => `evt_old_${index}`);
    const next = told(order("PAYMENT_PENDING", "due", { heard }));
    expect(next.payment?.heard).toEqual([...heard.slice(1), "evt_1"]);
  });

  it.each<[PaymentNotice["outcome"]["kind"], PaymentStep | null]>([
    ["authorised", "void"],
    ["captured", "refund"],
    ["voided", null],
  ])(
    "of an attempt that is over, which was %s, leaves the order; to be undone: %s",
    (kind, undo) => {
      const second = order("PAYMENT_PENDING", "due", { attempt: 2 });
      const outcome = { kind } as PaymentNotice["outcome"];
      expect(hear(second, { outcome })).toEqual({ answer: { ok: true }, change: null, undo });
    },
  );

  it.each<[string, Hold]>([
    ["an order that was never paid", hold()],
    ["an attempt that nobody has made", order("RESERVED", "declined", { attempt: 0 })],
    ["cash on delivery", order("CONFIRMED", "on_delivery", { method: "cod" })],
  ])("of %s is about no payment", (_, of) => {
    expect(hear(of)).toMatchObject({ answer: { code: "not_found" }, change: null, undo: null });
  });
});

describe("a notice of another sum", () => {
  it.each<[Partial<PaymentNotice>, string]>([
    [{ amount: 49_899 }, "amount"],
    [{ currency: "USD" }, "currency"],
    [{ amount: NaN }, "amount"],
  ])("%j is refused by name, and a person looks", (sum, path) => {
    for (const [status, state] of [
      ["PAYMENT_PENDING", "due"],
      ["CONFIRMED", "captured"],
      ["RESERVED", "declined"],
      ["REFUNDED", "refunded"],
    ] as const) {
      const before = order(status, state);
      const { amount, currency } = { ...NOTICE, ...sum };
      const { answer, change, undo } = hear(before, sum);
      expect(answer).toMatchObject({ ok: false, code: "validation_failed", errors: [{ path }] });
      expect([change?.type, undo]).toEqual(["attention", null]);
      expect(change?.hold.suspicion).toMatch(/^notice of another sum: authorised/);
      // Nothing moves on its word, and nothing stops because of it.
      expect(change?.hold).toEqual({
        ...before,
        version: 2,
        updatedAtMs: NOON_MS + SECOND_MS,
        suspicion: change?.hold.suspicion,
        payment: { ...before.payment, heard: [`evt_1 of ${amount} ${currency}`] },
      });
      expect(change?.level).toEqual(counters(before));
    }
  });

  it("is refused again when it comes again, and written down once", () => {
    const heard = order("PAYMENT_PENDING", "due", { heard: ["evt_1 of 1 EUR"] });
    const { answer, change } = hear(heard, { amount: 1 });
    expect([answer.ok, change]).toEqual([false, null]);
  });

  it("keeps the payment from nothing: it is confirmed, and still to be looked at", () => {
    const before = order("PAYMENT_PENDING", "due");
    const suspected = hear(before, { amount: 1 }).change?.hold ?? before;
    const confirmed = told(suspected);
    expect([confirmed.status, confirmed.suspicion]).toEqual(["CONFIRMED", suspected.suspicion]);
  });

  it("is looked at by a person, once, and the payment goes on as it does", () => {
    const before = order("CONFIRMED", "authorised");
    const suspected = hear(before, { amount: 1 }).change?.hold ?? before;
    expect(retryPayment(suspected, counters(before), BY, NOON_MS)).toMatchObject({ repeat: true });
    const looked = resolvePayment(suspected, counters(before), BY, NOON_MS);
    const after = looked.ok && !looked.repeat ? looked.change.hold : before;
    expect(after).toMatchObject({ status: "CONFIRMED", suspicion: "", payment: suspected.payment });
    expect(resolvePayment(after, counters(before), BY, NOON_MS)).toMatchObject({ repeat: true });
  });

  it("is looked at before what stops the payment, which waits for a person of its own", () => {
    const refused = { nextAttemptAtMs: null, attention: "capture refused: no" };
    const before = order("CONFIRMED", "authorised", refused);
    const suspected = hear(before, { amount: 1 }).change?.hold ?? before;
    expect(orderRow("drop", "phone", suspected).paymentAttention).toMatch(/^notice of another/);
    const looked = resolvePayment(suspected, counters(before), BY, NOON_MS);
    const after = looked.ok && !looked.repeat ? looked.change.hold : before;
    expect(after.payment).toMatchObject({ state: "authorised", ...refused });
    expect(orderRow("drop", "phone", after).paymentAttention).toBe(refused.attention);
    const resolved = resolvePayment(after, counters(before), BY, NOON_MS);
    expect(resolved).toMatchObject({ change: { hold: { payment: { state: "by_hand" } } } });
  });
});
