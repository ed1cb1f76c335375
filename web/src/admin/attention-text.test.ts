import { describe, expect, test } from "vitest";
import type { Hold } from "../../../domain/purchase/hold.ts";
import { hearNotice } from "../../../domain/purchase/notice.ts";
import type { AdminOrder } from "../contract.ts";
import { orderOf } from "../testing/orders.ts";
import {
  attentionReason,
  countText,
  isDoubt,
  resolveQuestion,
  resolveText,
  retryText,
  settledText,
} from "./attention-text.ts";

/** An order whose money is captured. */
const CAPTURED: Hold = {
  orderId: "o1",
  shopper: "ada",
  number: 1,
  idempotencyKey: "key-1",
  bodyHash: "body-1",
  quantity: 1,
  total: { amount: 49_900, currency: "EUR" },
  createdAtMs: 0,
  expiresAtMs: 120_000,
  status: "CONFIRMED",
  version: 1,
  updatedAtMs: 0,
  payment: {
    method: "card",
    token: "tok_ok",
    attempt: 1,
    state: "captured",
    nextAttemptAtMs: null,
    deadlineMs: 90_000,
    asked: 1,
    lastError: null,
  },
  checkouts: [],
};

/** What the shop itself writes on it when its provider tells of one cent. */
function doubt(): string {
  const level = { sku: "phone", stock: 1, available: 0, held: 0, sold: 1 };
  const outcome = { kind: "captured" } as const;
  const told = { eventId: "e", orderId: "o1", attempt: 1, outcome, amount: 1, currency: "EUR" };
  return hearNotice(CAPTURED, level, told, 0, 0).change?.hold.suspicion ?? "";
}

function needy(attention: string, status = "refunding"): AdminOrder {
  return { ...orderOf({ status: "CONFIRMED" }, { status }), paymentMethod: "card", attention };
}

describe("the reason", () => {
  test.each([
    [doubt(), /another sum: €0\.01 captured by attempt 1, where the order is €499\./],
    ["refund refused: charge_too_old", /refused to give the money back: charge too old\.$/],
    ["capture unanswered after 11 times asked", /asked 11 times to capture the money, and did not/],
    ["the message to void could not be handled", /could not get as far.*release the money\.$/],
    ["of a newer shop", /^of a newer shop$/],
  ])("%s: is a sentence", (attention, words) => {
    expect(attentionReason(needy(attention))).toMatch(words);
  });
});

describe("a doubt", () => {
  test("has nothing to retry, and resolved lets the payment go on", () => {
    const order = needy(doubt(), "captured");
    expect(isDoubt(order)).toBe(true);
    expect(retryText(order)).toBeNull();
    expect(resolveText(order)).toMatch(/^Says that you have looked.*goes on/);
    expect(resolveQuestion(order)).toMatch(/books\. Resolving it says that you have looked/);
  });
});

describe("a payment that does not go on", () => {
  test.each([
    ["authorised", /capture/, /taken the money by hand.*stays confirmed/],
    ["voiding", /release/, /has the money back.*becomes refunded/],
    ["refunding", /give the money back/, /has the money back.*becomes refunded/],
  ])("%s: says what retry and resolve do", (status, retry, resolve) => {
    const order = needy("refused", status);
    expect(retryText(order)).toMatch(retry);
    expect(resolveText(order)).toMatch(resolve);
  });

  test("of an order that came to nothing changes nothing else", () => {
    const order = { ...needy("refused"), status: "PAYMENT_FAILED" } as const;
    expect(resolveText(order)).toMatch(/order stays as it is/);
  });
});

test("what a command came to is told by the order after it", () => {
  const { attention: _, ...settled } = needy("refused");
  expect(settledText(settled, "retry")).toMatch(/asked again/);
  expect(settledText(settled, "resolve")).toMatch(/Resolved/);
  expect(settledText(needy("refund refused: no"), "resolve")).toMatch(/another reason/);
});

test.each([
  [0, 0, false, /^Nothing needs a person/],
  [1, 0, false, /^1 order needs a person\.$/],
  [2, 0, false, /^2 orders need a person\.$/],
  [0, 1, false, /^1 finding needs a person\.$/],
  [1, 2, false, /^1 order and 2 findings need a person\.$/],
  [50, 3, true, /^The newest 53/],
])("%d orders and %d findings (more: %s) are counted in a sentence", (...row) => {
  const [orders, items, isMore, words] = row;
  expect(countText(orders, items, isMore)).toMatch(words);
});
