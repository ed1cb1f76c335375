import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whenItHad } from "./lifetime.ts";

const MAX_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A thread whose machine has this share of its time for it, the same again while it has nothing to do. */
function threadWith(share: number, cpuUsage?: () => Promise<NodeJS.CpuUsage>) {
  const bornMs = Date.now() - 7_000;
  const hadMs = (): number => (Date.now() - bornMs) * share;
  const usage = () => Promise.resolve({ user: hadMs() * 900, system: hadMs() * 100 });
  const eventLoopUtilization = () => ({ idle: hadMs(), active: 0, utilization: 0 });
  return { cpuUsage: cpuUsage ?? usage, performance: { eventLoopUtilization } };
}

it.each([
  ["in time", threadWith(0.5), 1_000],
  ["once it had its time, on a busy machine", threadWith(0.05), 10_000],
  ["where it does not even answer that", threadWith(1, () => new Promise(() => {})), 2_000],
])("calls back %s", async (_, thread, atMs) => {
  const over = vi.fn<() => void>();
  whenItHad(thread, MAX_MS, over);
  await vi.advanceTimersByTimeAsync(atMs - 1);
  expect(over).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2);
  expect(over).toHaveBeenCalledOnce();
});

it.each([0, MAX_MS])("does not once it was given up, after %i ms", async (afterMs) => {
  const over = vi.fn<() => void>();
  const giveUp = whenItHad(threadWith(0.4), MAX_MS, over);
  await vi.advanceTimersByTimeAsync(afterMs);
  giveUp();
  await vi.runAllTimersAsync();
  expect(over).not.toHaveBeenCalled();
});
