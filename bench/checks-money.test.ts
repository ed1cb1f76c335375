import { describe, expect, it } from "vitest";
import { checkMoney, moneyOf } from "./checks-money.ts";
import type { Evidence } from "./evidence.ts";
import { chargeOf, present, soundEvidence } from "./evidence-fixture.ts";

const PRICE = 49_900;

/** Goal: each check catches its fault. Method: break sound books in one place, name the promise. */
interface BrokenTwin {
  fault: string;
  promise: RegExp;
  break: (evidence: Evidence) => void;
}

/** The sandbox's books, which the sound evidence has. */
function booksOf({ books }: Evidence) {
  return present(books ?? undefined);
}

const BROKEN_TWINS: readonly BrokenTwin[] = [
  {
    fault: "our own book has money for an order that was cancelled",
    promise: /captured = confirmed card orders \+ refunded/,
    break: ({ orders }) => (present(orders[1]?.payment).status = "captured"),
  },
  {
    fault: "the sandbox has captured more than was sold",
    promise: /captured = confirmed card orders \+ refunded/,
    break: (evidence) =>
      Object.assign(
        present(booksOf(evidence)[1]),
        chargeOf("order-1", "captured", ["charge", "capture"]),
      ),
  },
  {
    fault: "a refund was booked for an order that is confirmed",
    promise: /captured = confirmed card orders \+ refunded/,
    break: (evidence) =>
      Object.assign(
        present(booksOf(evidence)[0]),
        chargeOf("order-0", "refunded", ["charge", "capture", "refund"]),
      ),
  },
  {
    fault: "an order that was cancelled is charged",
    promise: /nobody is charged without an order/,
    break: (evidence) => (present(booksOf(evidence)[1]).state = "captured"),
  },
  {
    fault: "the provider has a charge for an order that nobody knows",
    promise: /nobody is charged without an order/,
    break: (evidence) => booksOf(evidence).push(chargeOf("order-9", "voided", ["charge", "void"])),
  },
  {
    fault: "an order was paid twice, by two attempts",
    promise: /nobody is charged without an order/,
    break: (evidence) =>
      booksOf(evidence).push({
        ...chargeOf("order-0", "captured", ["charge", "capture"]),
        attempt: 2,
      }),
  },
  {
    fault: "another amount was charged",
    promise: /nobody is charged without an order/,
    break: (evidence) => (present(booksOf(evidence)[0]).amount = { amount: 1, currency: "EUR" }),
  },
  {
    fault: "an order is confirmed and was never paid",
    promise: /every confirmed card order is paid/,
    break: (evidence) => booksOf(evidence).splice(0, 1),
  },
  {
    fault: "the money of a confirmed order was voided",
    promise: /every confirmed card order is paid/,
    break: (evidence) => (present(booksOf(evidence)[2]).state = "voided"),
  },
  {
    fault: "a capture was not booked",
    promise: /is booked once/,
    break: (evidence) => present(booksOf(evidence)[0]).bookings.pop(),
  },
  {
    fault: "a capture was booked twice",
    promise: /is booked once/,
    break: (evidence) => {
      const { bookings } = present(booksOf(evidence)[0]);
      bookings.push(present(bookings[1]));
    },
  },
  {
    fault: "a capture was booked for another amount",
    promise: /is booked once/,
    break: (evidence) => {
      const { bookings } = present(booksOf(evidence)[0]);
      bookings[1] = { ...present(bookings[1]), amount: { amount: 1, currency: "EUR" } };
    },
  },
  {
    fault: "a payment of ours waits for its capture",
    promise: /no payment is in flight/,
    break: ({ orders }) => (present(orders[0]?.payment).status = "authorised"),
  },
  {
    fault: "the sandbox does not know yet what becomes of a charge",
    promise: /no payment is in flight/,
    break: (evidence) => booksOf(evidence).push(chargeOf("order-1", "pending", [])),
  },
  {
    fault: "a payment needs a person",
    promise: /needs a person/,
    break: ({ attention, orders }) => attention.push({ ...present(orders[1]), attention: "why" }),
  },
];

describe("the money of a sale", () => {
  it("is sound on both books, and adds up to what was sold", () => {
    const evidence = soundEvidence();
    expect(checkMoney(evidence)).toEqual([]);
    expect(moneyOf(evidence)).toEqual({
      currency: "EUR",
      ours: { captured: 2 * PRICE, confirmed: 2 * PRICE, refunded: 0 },
      sandbox: { captured: 2 * PRICE, refunded: 0, byState: { captured: 2, declined: 1 } },
      onDelivery: 0,
    });
  });

  it.each(BROKEN_TWINS)("is not sound when $fault", ({ promise, break: breakIt }) => {
    const evidence = soundEvidence();
    breakIt(evidence);
    const promises = checkMoney(evidence).map((breach) => breach.promise);
    expect(promises).toContainEqual(expect.stringMatching(promise));
  });

  it("may come late and go back: captured and refunded, or charged and voided", () => {
    const evidence = soundEvidence();
    const refunded = chargeOf("order-1", "refunded", ["charge", "capture", "refund"]);
    Object.assign(present(booksOf(evidence)[1]), refunded);
    present(evidence.orders[1]?.payment).status = "refunded";
    expect(checkMoney(evidence)).toEqual([]);
    expect(moneyOf(evidence)).toMatchObject({
      ours: { captured: 3 * PRICE, refunded: PRICE },
      sandbox: { captured: 3 * PRICE, refunded: PRICE },
    });
    Object.assign(present(booksOf(evidence)[1]), chargeOf("order-1", "voided", ["charge", "void"]));
    present(evidence.orders[1]?.payment).status = "voided";
    expect(checkMoney(evidence)).toEqual([]);
  });

  it("counts what is paid on delivery apart", () => {
    const evidence = soundEvidence();
    present(evidence.ledger.find(({ type }) => type === "confirmed")).type = "cash_confirmed";
    Object.assign(present(evidence.orders[0]), {
      paymentMethod: "cod",
      payment: { status: "on_delivery", attempts: 1 },
    });
    booksOf(evidence).shift();
    expect(checkMoney(evidence)).toEqual([]);
    expect(moneyOf(evidence)).toMatchObject({ onDelivery: 1, ours: { confirmed: PRICE } });
  });

  it("is judged by our own book where the provider shows none", () => {
    const evidence = { ...soundEvidence(), books: null };
    expect(checkMoney(evidence)).toEqual([]);
    present(evidence.orders[1]?.payment).status = "captured";
    expect(checkMoney(evidence)).toHaveLength(1);
  });
});
