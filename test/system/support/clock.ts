import { afterEach, beforeEach, vi } from "vitest";
import { NOON_MS } from "./samples.ts";

/** The time that objects see. Timers stay real; alarms are run by hand. */
export interface TestClock {
  now(): number;
  advance(byMs: number): void;
}

/**
 * Sets the clock to noon before every test of the file and gives it back after. Noon lies years ahead,
 * so that no alarm fires by itself.
 */
export function useTestClock(): TestClock {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOON_MS });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return {
    now: () => Date.now(),
    advance: (byMs) => {
      vi.setSystemTime(Date.now() + byMs);
    },
  };
}
