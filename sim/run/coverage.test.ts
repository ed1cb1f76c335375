import { describe, expect, it } from "vitest";
import { HOLD_TRANSITIONS } from "../../domain/purchase/hold.ts";
import { FAULT_KINDS } from "../kernel/faults.ts";
import { COMMON_FROM_SEEDS, missingOf, RARE_FROM_SEEDS, requiredOf } from "./coverage.ts";

describe("coverage", () => {
  it("names what a run never exercised", () => {
    const exercised = new Set(requiredOf(RARE_FROM_SEEDS));
    expect(missingOf(RARE_FROM_SEEDS, exercised)).toEqual([]);
    exercised.delete("ledger.expired");
    exercised.delete("queue.doubled");
    exercised.delete("place.closed");
    expect(missingOf(COMMON_FROM_SEEDS, exercised)).toEqual(["ledger.expired", "queue.doubled"]);
    expect(missingOf(RARE_FROM_SEEDS, exercised)).toHaveLength(3);
  });

  it("asks for every transition of a hold and every fault, of runs that are long enough", () => {
    const required = requiredOf(RARE_FROM_SEEDS);
    const transitions = Object.keys(HOLD_TRANSITIONS).map((type) => `ledger.${type}`);
    expect(required).toEqual(expect.arrayContaining([...transitions, ...FAULT_KINDS]));
    expect(requiredOf(COMMON_FROM_SEEDS - 1)).toEqual([]);
  });
});
