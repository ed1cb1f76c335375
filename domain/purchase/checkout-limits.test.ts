import { describe, expect, it } from "vitest";
import { checkoutOf, hold, level, NOON_MS } from "../../test/system/support/samples.ts";
import type { CheckoutCounts } from "./checkout-limits.ts";
import type { Hold } from "./hold.ts";
import type { Payment } from "./payment.ts";
import { checkout, type CheckoutCommand, type Decision } from "./stock.ts";

const NO_UNITS = { held: 0, bought: 0 };

function judge(
  counts: Partial<CheckoutCounts>,
  command: Partial<CheckoutCommand>,
  held: Partial<Hold> = {},
): Decision {
  const all = { limits: {}, ofCard: NO_UNITS, ofPostalAddress: NO_UNITS, ...counts };
  const before = hold(held);
  return checkout(before, level(10, 5), checkoutOf(command), NOON_MS, undefined, all);
}

function holdAfter(decision: Decision): Hold {
  if (!decision.ok || decision.repeat) throw new Error(`No change: ${JSON.stringify(decision)}`);
  return decision.change.hold;
}

describe("units by card", () => {
  it.each([
    { perCard: 1, held: 0, bought: 0, quantity: 1, code: undefined },
    { perCard: 1, held: 1, bought: 0, quantity: 1, code: "limit_reached" },
    { perCard: 1, held: 0, bought: 1, quantity: 1, code: "limit_reached" },
    { perCard: 1, held: 0, bought: 0, quantity: 2, code: "limit_reached" },
    { perCard: 3, held: 1, bought: 1, quantity: 1, code: undefined },
    { perCard: 3, held: 1, bought: 1, quantity: 2, code: "limit_reached" },
    { perCard: undefined, held: 9, bought: 9, quantity: 2, code: undefined },
  ])("$quantity more with $held and $bought of $perCard: $code", (row) => {
    const { perCard, held, bought, quantity, code } = row;
    const limits = perCard === undefined ? {} : { perCard };
    const answer = judge({ limits, ofCard: { held, bought } }, { card: "card-1" }, { quantity });
    if (code === undefined)
      // Where nothing is counted by card, nothing of it is kept.
      expect(holdAfter(answer).card).toBe(perCard === undefined ? undefined : "card-1");
    else expect(answer).toMatchObject({ code, scope: "card", limit: perCard, held, bought });
  });

  it("cannot be judged before the card is known; cash has none", () => {
    const limits = { perCard: 1 };
    const ofCard = { held: 1, bought: 0 };
    expect(judge({ limits }, {})).toEqual({ ok: false, code: "busy", needs: "card" });
    const cash = judge({ limits, ofCard }, { paymentMethod: "cod", card: "card-1" });
    expect(holdAfter(cash)).not.toHaveProperty("card");
  });

  it("asks for no card of a repeat, nor of what is refused anyway", () => {
    const limits = { perCard: 1 };
    const checkouts = [{ idempotencyKey: "checkout-1", bodyHash: "checkout-body-1" }];
    expect(judge({ limits }, {}, { checkouts })).toMatchObject({ ok: true, repeat: true });
    expect(judge({ limits }, { bodyHash: "x" }, { checkouts })).toMatchObject({
      code: "idempotency_conflict",
    });
    expect(judge({ limits }, {}, { status: "EXPIRED" })).toMatchObject({
      code: "order_state_conflict",
    });
  });

  it("go by the latest card of an order", () => {
    const declined: Payment = {
      ...(holdAfter(judge({}, {})).payment as Payment),
      state: "declined",
      nextAttemptAtMs: null,
    };
    const before = { payment: declined, card: "card-1", postalAddress: "home" };
    const limits = { perCard: 1 };
    const next = { idempotencyKey: "checkout-2" };
    const second = holdAfter(judge({ limits }, { ...next, card: "card-2" }, before));
    expect(second).toMatchObject({ card: "card-2", payment: { attempt: 2 } });
    expect(second).not.toHaveProperty("postalAddress");
    expect(
      holdAfter(judge({ limits }, { ...next, paymentMethod: "cod" }, before)),
    ).not.toHaveProperty("card");
  });
});

describe("units by postal address", () => {
  const limits = { perPostalAddress: 2 };

  it.each<[method: Payment["method"], bought: number, code: string | undefined]>([
    ["card", 1, undefined],
    ["card", 2, "limit_reached"],
    ["cod", 1, undefined],
    ["cod", 2, "limit_reached"],
  ])("by %s, %i bought: %s", (paymentMethod, bought, code) => {
    const ofPostalAddress = { held: 0, bought };
    const answer = judge({ limits, ofPostalAddress }, { paymentMethod, postalAddress: "home" });
    if (code === undefined) expect(holdAfter(answer).postalAddress).toBe("home");
    else expect(answer).toMatchObject({ code, scope: "postal_address", limit: 2, held: 0, bought });
  });

  it("need an address, before a card is asked about", () => {
    expect(judge({ limits: { ...limits, perCard: 1 } }, {})).toMatchObject({
      code: "validation_failed",
      errors: [{ path: "shippingAddress" }],
    });
  });

  it("are not counted, and the address not kept, where none is limited", () => {
    expect(holdAfter(judge({}, { postalAddress: "home" }))).not.toHaveProperty("postalAddress");
  });
});
