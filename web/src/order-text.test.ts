import { describe, expect, test } from "vitest";
import { PAYMENT_SCHEDULE } from "../../domain/purchase/payment.ts";
import type { OrderStatus } from "./contract.ts";
import {
  ATTEMPTS_MAX,
  BANK_WAIT_MS,
  holdText,
  isMoneyMoving,
  orderEnding,
  payingText,
  statusWords,
} from "./order-text.ts";
import { orderOf } from "./testing/orders.ts";

const NOON_MS = Date.UTC(2026, 10, 22, 12);

test("the page tells what the shop does", () => {
  expect(ATTEMPTS_MAX).toBe(PAYMENT_SCHEDULE.attemptsMax);
  expect(BANK_WAIT_MS).toBe(PAYMENT_SCHEDULE.deadlineSeconds * 1_000);
});

describe("a hold says", () => {
  test("nothing of a payment before there was one", () => {
    expect(holdText(orderOf(), false)).toBe("Nobody else can buy it meanwhile.");
  });

  test.each([
    ["card_declined", 1, /^Your bank said no to this card\. Nothing was charged.*2 more times/],
    ["insufficient_funds", 2, /^There is not enough money on the card\..*one more time before/],
    ["timeout", 1, /^Your bank did not answer in time\./],
    ["stolen_card", 1, /^Your bank said no to this card\./],
  ])("why the last card was declined (%s, attempt %d)", (lastError, attempts, words) => {
    expect(holdText(orderOf({}, { lastError, attempts }), false)).toMatch(words);
  });

  test("that its time is up, whatever was before", () => {
    expect(holdText(orderOf({}, { lastError: "card_declined" }), true)).toMatch(/time is up/);
  });
});

describe("a payment under way", () => {
  const pending = (deadline?: string) =>
    orderOf({ status: "PAYMENT_PENDING" }, { status: "due", ...(deadline && { deadline }) });

  test.each([
    ["2026-11-22T12:01:30Z", "Asking your bank", null],
    ["2026-11-22T12:01:22Z", "Asking your bank", null],
    ["2026-11-22T12:01:21Z", "Your bank is taking its time", "1:21"],
    ["2026-11-22T12:00:01Z", "Your bank is taking its time", "0:01"],
    ["2026-11-22T12:00:00Z", "Calling the payment off", null],
    [undefined, "Asking your bank", null],
  ])("with a deadline of %s is told as %s", (deadline, heading, left) => {
    expect(payingText(pending(deadline), NOON_MS)).toMatchObject({ heading, left });
  });

  test("that takes long is never charged twice, and costs nothing if it fails", () => {
    const { text } = payingText(pending("2026-11-22T12:00:30Z"), NOON_MS);
    expect(text).toMatch(/charged once at most.*nothing is charged/);
  });
});

describe("an order that came to nothing says where the money is", () => {
  const NOTHING = /Nothing was charged\.$/;
  const ends: readonly [OrderStatus, Parameters<typeof orderOf>[1], RegExp][] = [
    ["EXPIRED", undefined, NOTHING],
    ["CANCELLED", undefined, NOTHING],
    ["CANCELLED", { lastError: "card_declined" }, NOTHING],
    ["CANCELLED", { status: "on_delivery" }, /nothing to pay/],
    [
      "PAYMENT_FAILED",
      { attempts: 3, lastError: "card_declined" },
      /last try.*Nothing was charged/,
    ],
    ["PAYMENT_FAILED", { attempts: 1, lastError: "card_declined" }, /^No payment went through/],
    ["PAYMENT_FAILED", { status: "voiding", lastError: "timeout" }, /did not answer.*release/],
    ["PAYMENT_FAILED", { status: "voided", lastError: "timeout" }, NOTHING],
    ["PAYMENT_FAILED", { status: "refunding", lastError: "timeout" }, /on its way back/],
    ["PAYMENT_FAILED", { status: "refunded", lastError: "timeout" }, /given your money back/],
    ["REFUNDED", { status: "refunded" }, /given your money back/],
    ["REFUNDED", { status: "voided" }, NOTHING],
    ["REFUNDED", { status: "by_hand" }, /by hand/],
    ["CONFIRMED", { status: "refunding" }, /on its way back/],
    ["CONFIRMED", { status: "voiding" }, /release/],
  ];
  test.each(ends)("%s with a payment of %o", (status, payment, words) => {
    expect(orderEnding(orderOf({ status }, payment))?.text).toMatch(words);
  });

  test.each(["authorised", "captured", "on_delivery"])("but not one that is made (%s)", (paid) => {
    expect(orderEnding(orderOf({ status: "CONFIRMED" }, { status: paid }))).toBeUndefined();
  });
});

test.each([
  ["voiding", true],
  ["refunding", true],
  ["refunded", false],
  ["captured", false],
])("money of a payment that is %s is on its way back: %s", (status, isMoving) => {
  expect(isMoneyMoving(orderOf({ status: "PAYMENT_FAILED" }, { status }))).toBe(isMoving);
});

test.each([
  [orderOf(), "Reserved, not paid yet"],
  [orderOf({ status: "CONFIRMED" }, { status: "captured" }), "Confirmed"],
  [orderOf({ status: "CONFIRMED" }, { status: "refunding" }), "Refund under way"],
  [orderOf({ status: "PAYMENT_PENDING" }, { status: "due" }), "Payment under way"],
  [
    orderOf({ status: "PAYMENT_PENDING", nextAction: { type: "redirect", url: "/b" } }),
    "Your bank has a question",
  ],
])("the list of orders says of %o: %s", (order, words) => {
  expect(statusWords(order)).toBe(words);
});
