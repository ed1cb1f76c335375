import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeAttempt, openAttempt, untilAnswered, type Attempt } from "./attempts.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";
import { forget, isObject } from "./storage.ts";

interface Basket {
  readonly sku: string;
}

/** A kind of attempt whose answers are told beforehand; an error is thrown. */
function kindOf(answers: readonly unknown[]) {
  const asked: Attempt<Basket>[] = [];
  const settled: unknown[] = [];
  const kind = {
    scope: "test",
    isBody: (value: unknown): value is Basket => isObject(value) && "sku" in value,
    ask: async (attempt: Attempt<Basket>): Promise<unknown> => {
      const answer = answers[asked.length];
      asked.push(attempt);
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
    settle: (answer: unknown) => settled.push(answer),
  };
  return { kind, asked, settled };
}

const busy = (retryAfterSeconds: number | null) =>
  new ApiProblem({ status: 503, code: "busy" }, retryAfterSeconds);
const refusal = new ApiProblem({ status: 409, code: "sold_out" }, null);
const lost = new NoAnswer("cut");
const waits: number[] = [];
const noteWait = (waitMs: number): void => void waits.push(waitMs);

beforeEach(() => {
  vi.useFakeTimers();
  forget("attempt.test");
  waits.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets every wait pass; the outcome as a value, since a rejection in between would be unhandled. */
async function outcome(attempt: Promise<unknown>): Promise<unknown> {
  const settled = attempt.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return settled;
}

describe("an attempt", () => {
  test("keeps its key while answers are lost or the shop is busy, then lets it go", async () => {
    const { kind, asked, settled } = kindOf([lost, busy(2), { orderId: "o1" }]);
    const answer = await outcome(makeAttempt(kind, { sku: "phone" }, noteWait));
    expect(answer).toEqual({ orderId: "o1" });
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
    expect(asked[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(settled).toEqual([{ orderId: "o1" }]);
    expect(waits[1]).toBeGreaterThanOrEqual(2_000);
    expect(openAttempt(kind)).toBeNull();
  });

  test("that has no answer is gone on with: same key, same body", async () => {
    const first = kindOf(Array.from({ length: 20 }, () => lost));
    expect(await outcome(makeAttempt(first.kind, { sku: "phone" }, noteWait))).toBe(lost);
    expect(openAttempt(first.kind)?.body).toEqual({ sku: "phone" });

    const second = kindOf([{ orderId: "o1" }]);
    await outcome(makeAttempt(second.kind, { sku: "camera" }, noteWait));
    expect(second.asked[0]).toEqual(first.asked[0]);
  });

  test("that is refused is over, and the next one has a new key", async () => {
    const first = kindOf([refusal]);
    expect(await outcome(makeAttempt(first.kind, { sku: "phone" }, noteWait))).toBe(refusal);
    expect(openAttempt(first.kind)).toBeNull();
    expect(first.settled).toEqual([]);

    const second = kindOf([{ orderId: "o1" }]);
    await outcome(makeAttempt(second.kind, { sku: "phone" }, noteWait));
    expect(second.asked[0]?.key).not.toBe(first.asked[0]?.key);
  });
});

test("tries are bounded", async () => {
  let tries = 0;
  const ask = async (): Promise<never> => {
    tries += 1;
    throw busy(1);
  };
  expect(await outcome(untilAnswered(ask, noteWait))).toBeInstanceOf(ApiProblem);
  expect(tries).toBe(8);
});
