import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startPoller, type Poller } from "./poller.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";

const failures: number[] = [];
let poller: Poller;
let page: EventTarget & { hidden: boolean };

beforeEach(() => {
  vi.useFakeTimers();
  // No spread: the waits are then exactly what was told, or the least of a backoff.
  vi.spyOn(Math, "random").mockReturnValue(0);
  failures.length = 0;
  page = Object.assign(new EventTarget(), { hidden: false });
  const frame = new EventTarget();
  vi.stubGlobal("addEventListener", frame.addEventListener.bind(frame));
  vi.stubGlobal("document", page);
});
afterEach(() => {
  poller.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Starts a loop whose questions come out as told; an error fails. */
function start(answers: readonly (number | null | Error)[]): { asked: () => number } {
  let asked = 0;
  poller = startPoller({
    ask: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? null;
      asked += 1;
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
    onFailures: (count) => failures.push(count),
  });
  return { asked: () => asked };
}

test("asks at once, then as told, and sleeps when told nothing", async () => {
  const { asked } = start([1_000, null]);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked()).toBe(2);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(asked()).toBe(2);
  poller.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toBe(3);
});

test("tells of failures in a row, waits as the shop asks, and tells when it works again", async () => {
  const busy = new ApiProblem({ status: 503, code: "busy" }, 5);
  const { asked } = start([new NoAnswer("cut"), busy, 60_000]);
  await vi.advanceTimersByTimeAsync(500);
  expect(asked()).toBe(2);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(asked()).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(failures).toEqual([1, 2, 0]);
});

test("wakes when the page is looked at again, and never after it was stopped", async () => {
  const { asked } = start([null]);
  await vi.advanceTimersByTimeAsync(0);
  page.hidden = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toBe(1);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked()).toBe(2);
  poller.stop();
  page.dispatchEvent(new Event("visibilitychange"));
  poller.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
});

test("woken while asking, it asks once more, since the answer may be older than the news", async () => {
  const { asked } = start([60_000]);
  poller.wake();
  await vi.advanceTimersByTimeAsync(0);
  poller.wake(100);
  poller.wake(50);
  await vi.advanceTimersByTimeAsync(50);
  expect(asked()).toBe(2);
});
