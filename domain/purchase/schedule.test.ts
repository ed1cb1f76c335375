import { describe, expect, it } from "vitest";
import { checkoutOf, hold, level, NOON_MS, payment } from "../../test/system/support/samples.ts";
import { PAYMENT_SCHEDULE, retryPauseMs } from "./payment.ts";
import { scheduleOf } from "./schedule.ts";
import { askPayment, settlePayment } from "./settle-payment.ts";
import { checkout } from "./stock.ts";

const SIXTIETH = scheduleOf({ TIME_SCALE: "60" });

describe("the time scale", () => {
  it("is production's where nothing is said", () => {
    expect(scheduleOf({})).toBe(PAYMENT_SCHEDULE);
    expect(scheduleOf({ TIME_SCALE: "1" })).toEqual(PAYMENT_SCHEDULE);
  });

  it("divides all times, in whole milliseconds, and no counts", () => {
    expect(scheduleOf({ TIME_SCALE: "2" })).toMatchObject({
      attemptsMax: 3,
      deadlineSeconds: 45,
      actionSeconds: 150,
      providerTimeoutMs: 2_500,
      resendMs: 5_000,
    });
  });

  it("leaves the machine the time that it needs", () => {
    expect(SIXTIETH).toEqual({
      attemptsMax: 3,
      deadlineSeconds: 10,
      actionSeconds: 10,
      providerTimeoutMs: 2_000,
      resendMs: 1_000,
      retrySeconds: [0.017, 0.033, 0.067, 0.133, 0.267, 0.533, 1, 2, 5, 10],
      outageSeconds: 180,
      jitterShare: 0.2,
    });
    const { retrySeconds, ...fastest } = scheduleOf({ TIME_SCALE: "1000" });
    expect(fastest).toMatchObject({
      deadlineSeconds: 10,
      actionSeconds: 10,
      providerTimeoutMs: 2_000,
      resendMs: 1_000,
    });
    expect(retrySeconds[0]).toBe(0.001);
  });

  it.each(["", "0", "0.5", "1001", "-60", "60x", "1e2", "Infinity", "NaN", " 60"])(
    "refuses %j",
    (text) => {
      expect(() => scheduleOf({ TIME_SCALE: text })).toThrow(
        `The time scale must be a number from 1 to 1000, not "${text}".`,
      );
    },
  );
});

describe("payments at sixty times the pace", () => {
  it("go by the shorter times: given up, asked again, put off", () => {
    const started = checkout(hold(), level(10, 1), checkoutOf(), NOON_MS, SIXTIETH);
    expect(started).toMatchObject({
      change: { hold: { payment: { deadlineMs: NOON_MS + 10_000 } } },
    });
    const due = hold({ status: "PAYMENT_PENDING", payment: payment() });
    expect(askPayment(due, level(10, 1), NOON_MS, 0.5, SIXTIETH).rescheduled).toMatchObject({
      nextAttemptAtMs: NOON_MS + 1_000,
    });
    const heard = (kind: "unknown" | "authorised") =>
      settlePayment(due, level(10, 1), 1, { kind }, NOON_MS, 0.5, SIXTIETH);
    expect(heard("unknown").rescheduled).toMatchObject({ nextAttemptAtMs: NOON_MS + 17 });
    expect(heard("authorised").change?.hold.payment).toMatchObject({
      nextAttemptAtMs: NOON_MS + 1_000,
    });
    expect(retryPauseMs(10, 0.5, SIXTIETH)).toBe(10_000);
  });
});
