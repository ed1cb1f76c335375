import { afterEach, beforeEach, vi } from "vitest";
import { NOON_MS } from "./samples.ts";

/** The time that objects see. Timers stay real; alarms are run by hand. */
export interface TestClock {
  now(): number;
  set(atMs: number): void;
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
    set: (atMs) => {
      vi.setSystemTime(atMs);
    },
    advance: (byMs) => {
      vi.setSystemTime(Date.now() + byMs);
    },
  };
}

/** Looks this often … */
const LOOK_EVERY_MS = 10;
/** … and this many times, about five seconds; a timer of an object fires long before. */
const LOOKS_MAX = 500;

/**
 * Waits until `check` no longer throws, for what a timer of an object brings. (`vi.waitFor` would move
 * the clock with every look.)
 *
 * @throws what the last look threw.
 */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (let looks = 1; ; looks++) {
    try {
      return await check();
    } catch (error) {
      if (looks >= LOOKS_MAX) throw error;
    }
    await new Promise<void>((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
