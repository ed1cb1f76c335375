import { describe, expect, it } from "vitest";
import { callObject, isObjectReset, isPassing } from "./object-calls.ts";
import { objectReset, overloaded } from "./testing/fake-gateway.ts";

/** A call that fails with each error in turn and then succeeds. */
function failing(...errors: Error[]) {
  const state = { calls: 0 };
  const call = async () => {
    state.calls += 1;
    const error = errors[state.calls - 1];
    if (error) throw error;
    return "answer";
  };
  return { state, call };
}

describe("callObject", () => {
  it("calls once more when the object was lost under the call", async () => {
    const { state, call } = failing(objectReset());
    expect(await callObject(call)).toBe("answer");
    expect(state.calls).toBe(2);
  });

  it("does not go on when it is lost again", async () => {
    const { state, call } = failing(objectReset(), objectReset());
    await expect(callObject(call)).rejects.toThrow("reset");
    expect(state.calls).toBe(2);
  });

  it("never repeats a call to an overloaded object, nor one that failed for its own reasons", async () => {
    for (const error of [
      overloaded(),
      Object.assign(objectReset(), { overloaded: true }),
      new Error("Invariant broken: stock 5 = available 5 + held 1 + sold 0"),
    ]) {
      const { state, call } = failing(error);
      await expect(callObject(call)).rejects.toBe(error);
      expect(state.calls).toBe(1);
    }
  });
});

describe("what passes by itself", () => {
  it.each([
    [objectReset(), true],
    [overloaded(), true],
    [Object.assign(new Error("internal error"), { retryable: true }), true],
    [new Error("broken.exceededMemory; jsg.Error: Durable Object exceeded its memory"), true],
    [new Error("Network connection lost."), true],
    [new Error("D1_ERROR: database is locked: SQLITE_BUSY"), true],
    [new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long."), true],
    [new Error("D1_ERROR: D1 DB exceeded its CPU time limit and was reset."), true],
    [new Error("D1_ERROR: UNIQUE constraint failed: orders.order_id: SQLITE_CONSTRAINT"), false],
    [new Error("Invariant broken: a number is positive"), false],
    [new TypeError("x is not a function"), false],
    ["text", false],
    [null, false],
  ])("%s: %s", (error, expected) => {
    expect(isPassing(error)).toBe(expected);
  });

  it("tells a lost object from an overloaded one", () => {
    expect(isObjectReset(overloaded())).toBe(false);
    expect(isObjectReset(new Error("Durable Object reset because its code was updated."))).toBe(
      true,
    );
  });
});
