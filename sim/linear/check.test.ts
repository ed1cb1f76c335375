import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkHistory, type Model, type Operation } from "./check.ts";

type Call = { write: number } | { read: number } | { swap: number; was: number | null };

/** A register that begins as 0. A swap that was never answered does not know what it replaced. */
const REGISTER: Model<number, Call> = {
  initial: 0,
  step: (state, call) => {
    if ("write" in call) return [call.write];
    if ("read" in call) return call.read === state ? [state] : [];
    return call.was === null || call.was === state ? [call.swap] : [];
  },
  isRead: (call) => "read" in call,
  key: String,
};

const NEVER = Infinity;

function history(...calls: [Call, invoked: number, returned: number][]): Operation<Call>[] {
  return calls.map(([what, invoked, returned]) => ({ what, invoked, returned }));
}

function kindOf(calls: Operation<Call>[], stepsMax?: number): string {
  return checkHistory(calls, REGISTER, stepsMax).kind;
}

describe("a history of a register", () => {
  it.each([
    ["nothing at all", history()],
    ["one after the other", history([{ write: 1 }, 1, 2], [{ read: 1 }, 3, 4])],
    ["a read beside a write, before it", history([{ write: 1 }, 1, 4], [{ read: 0 }, 2, 3])],
    ["a read beside a write, after it", history([{ write: 1 }, 1, 4], [{ read: 1 }, 2, 3])],
    ["never answered, never done", history([{ write: 1 }, 1, NEVER], [{ read: 0 }, 3, 4])],
    [
      "never answered, done late",
      history([{ write: 1 }, 1, NEVER], [{ read: 0 }, 3, 4], [{ read: 1 }, 5, 6]),
    ],
    [
      "a write of what is there already, and needed later",
      history([{ swap: 1, was: 0 }, 1, 5], [{ write: 0 }, 2, 4], [{ read: 0 }, 6, 7]),
    ],
    [
      "two swaps that overlap, the later one first",
      history([{ swap: 1, was: 2 }, 1, 5], [{ swap: 2, was: 0 }, 2, 4], [{ read: 1 }, 6, 7]),
    ],
  ])("is good: %s", (_, calls) => {
    expect(kindOf(calls)).toBe("linearizable");
  });

  it.each([
    ["a stale read", history([{ write: 1 }, 1, 2], [{ read: 0 }, 3, 4])],
    ["a read of the future", history([{ read: 1 }, 1, 2], [{ write: 1 }, 3, 4])],
    ["never done before it was asked", history([{ read: 1 }, 1, 2], [{ write: 1 }, 3, NEVER])],
    [
      "a lost update",
      history([{ swap: 1, was: 0 }, 1, 3], [{ swap: 2, was: 0 }, 2, 4], [{ read: 2 }, 5, 6]),
    ],
    [
      "two reads that disagree on the order",
      history([{ write: 1 }, 1, 10], [{ read: 1 }, 2, 3], [{ read: 0 }, 4, 5]),
    ],
    [
      "undone again after it took effect late",
      history([{ write: 1 }, 1, NEVER], [{ read: 1 }, 3, 4], [{ read: 0 }, 5, 6]),
    ],
  ])("is bad: %s", (_, calls) => {
    expect(kindOf(calls)).toBe("broken");
  });

  it("names the call that fits nowhere", () => {
    const calls = history([{ write: 1 }, 1, 2], [{ read: 0 }, 3, 4], [{ read: 1 }, 5, 6]);
    expect(checkHistory(calls, REGISTER).stuck?.what).toEqual({ read: 0 });
  });

  it("is given up when it takes too many steps", () => {
    const writes = Array.from({ length: 8 }, (_, at): [Call, number, number] => {
      return [{ write: at }, at, 100];
    });
    const calls = history(...writes, [{ read: 99 }, 101, 102]);
    expect(kindOf(calls)).toBe("broken");
    expect(kindOf(calls, 1_000)).toBe("gave_up");
  });

  it("is judged as by trying all orders", () => {
    fc.assert(
      fc.property(HISTORIES, (calls) => {
        expect(kindOf(calls) === "linearizable").toBe(isLinearizableByForce(calls, 0));
      }),
      { numRuns: 2_000 },
    );
  });
});

const VALUES = fc.integer({ min: 0, max: 2 });
const CALLS: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ write: VALUES }),
  fc.record({ read: VALUES }),
  fc.record({ swap: VALUES, was: VALUES }),
);

/** Up to six calls that begin and end in any order, some never answered. */
const HISTORIES = fc
  .array(fc.record({ call: CALLS, from: fc.nat(20), lasts: fc.nat(8), isLost: fc.boolean() }), {
    maxLength: 6,
  })
  .map((drawn) =>
    drawn.map(({ call, from, lasts, isLost }, at): Operation<Call> => {
      const isUnknown = isLost && !("read" in call);
      const what = isUnknown && "swap" in call ? { ...call, was: null } : call;
      // No two things happen at the same place.
      const invoked = from * 100 + at;
      return { what, invoked, returned: isUnknown ? NEVER : invoked + lasts * 100 + 50 };
    }),
  );

/** Tries every order in which no call comes after one that began only when it was over. */
function isLinearizableByForce(left: readonly Operation<Call>[], state: number): boolean {
  if (left.every(({ returned }) => returned === NEVER)) return true;
  return left.some((one) => {
    if (left.some((other) => other.returned < one.invoked)) return false;
    const rest = left.filter((other) => other !== one);
    return [...REGISTER.step(state, one.what)].some((next) => isLinearizableByForce(rest, next));
  });
}
