import { describe, expect, it } from "vitest";
import {
  isExhausted,
  PAYMENT_RULES,
  PAYMENT_SCHEDULE,
  PAYMENT_STEPS,
  retryPauseMs,
  stepOf,
  type PaymentState,
  type PaymentStep,
} from "./payment.ts";

const STATES = Object.keys(PAYMENT_RULES) as PaymentState[];

describe("the schedule of production", () => {
  it("is 3 attempts, 90 seconds, 5 minutes at the bank, calls of 5 seconds, and pauses of 1 second to 10 minutes", () => {
    expect(PAYMENT_SCHEDULE).toEqual({
      attemptsMax: 3,
      deadlineSeconds: 90,
      actionSeconds: 300,
      providerTimeoutMs: 5_000,
      resendMs: 10_000,
      retrySeconds: [1, 2, 4, 8, 16, 32, 60, 120, 300, 600],
      outageSeconds: 10_800,
      jitterShare: 0.2,
    });
  });

  it("takes a message for lost after its call has timed out, well before the deadline", () => {
    const { providerTimeoutMs, resendMs, deadlineSeconds } = PAYMENT_SCHEDULE;
    expect(resendMs).toBeGreaterThan(providerTimeoutMs);
    expect(resendMs * 3).toBeLessThan(deadlineSeconds * 1000);
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
  ])("after %i times asked: %i seconds, a fifth more or less", (asked, seconds) => {
    expect(retryPauseMs(asked, 0.5)).toBe(seconds * 1000);
    expect(retryPauseMs(asked, 0)).toBe(seconds * 800);
    expect(retryPauseMs(asked, 0.75)).toBe(seconds * 1100);
  });

  it("is used up after the last pause", () => {
    expect([1, 10, 11].map((asked) => isExhausted(asked))).toEqual([false, false, true]);
  });
});

describe("the next step of a payment", () => {
  it.each<[PaymentState, PaymentStep | null]>([
    ["due", "authorise"],
    ["action", "enquire"],
    ["authorised", "capture"],
    ["voiding", "void"],
    ["refunding", "refund"],
    ["declined", null],
    ["captured", null],
    ["voided", null],
    ["refunded", null],
    ["on_delivery", null],
    ["by_hand", null],
  ])("%s: %s", (state, step) => {
    expect(stepOf({ state, asked: 1 })).toBe(step);
    expect(stepOf({ state, asked: 0 })).toBe(state === "voiding" ? "enquire" : step);
  });
});

describe("the table of payments", () => {
  it("goes on with the step of the state that it leads to", () => {
    for (const state of STATES)
      for (const { to, next } of Object.values(PAYMENT_RULES[state]))
        if (next !== null) expect(next).toBe(PAYMENT_STEPS[to]);
  });

  it("leads from every open state to one in which nothing is open", () => {
    for (const state of STATES.filter((state) => PAYMENT_STEPS[state] !== null)) {
      const reached = new Set<PaymentState>([state]);
      for (const from of reached)
        for (const { to } of Object.values(PAYMENT_RULES[from])) reached.add(to);
      expect([...reached].some((end) => PAYMENT_STEPS[end] === null)).toBe(true);
    }
  });

  it("sends back whatever money comes for what was given up", () => {
    for (const state of ["declined", "voided"] as const) {
      expect(PAYMENT_RULES[state].authorised).toMatchObject({ to: "voiding", next: "void" });
      expect(PAYMENT_RULES[state].captured).toMatchObject({ to: "refunding", next: "refund" });
    }
    expect(PAYMENT_RULES.voiding.captured).toMatchObject({ to: "refunding", next: "refund" });
  });
});
