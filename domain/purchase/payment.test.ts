import { describe, expect, it } from "vitest";
import { payment } from "../../test/system/support/samples.ts";
import {
  PAYMENT_ATTEMPTS_MAX,
  PAYMENT_DEADLINE_SECONDS,
  PAYMENT_RESEND_MS,
  PAYMENT_RETRY_SECONDS,
  retryPauseMs,
  stepOf,
  type PaymentState,
  type PaymentStep,
} from "./payment.ts";

describe("the schedule of production", () => {
  it("is 3 attempts, 90 seconds, and pauses of 1 second to 10 minutes", () => {
    expect(PAYMENT_ATTEMPTS_MAX).toBe(3);
    expect(PAYMENT_DEADLINE_SECONDS).toBe(90);
    expect(PAYMENT_RETRY_SECONDS).toEqual([1, 2, 4, 8, 16, 32, 60, 120, 300, 600]);
  });

  it("sends a lost message again well before the deadline", () => {
    expect(PAYMENT_RESEND_MS * 3).toBeLessThan(PAYMENT_DEADLINE_SECONDS * 1000);
  });

  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [10, 600],
    [11, 600],
    [1_000, 600],
  ])("after %i times asked: %i seconds", (asked, seconds) => {
    expect(retryPauseMs(asked)).toBe(seconds * 1000);
  });
});

describe("the next step of a payment", () => {
  it.each<[PaymentState, PaymentStep | null]>([
    ["due", "authorise"],
    ["authorised", "capture"],
    ["voiding", "void"],
    ["declined", null],
    ["captured", null],
    ["voided", null],
  ])("%s: %s", (state, step) => {
    expect(stepOf(payment({ state }))).toBe(step);
  });
});
