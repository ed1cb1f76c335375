import { expect, it } from "vitest";
import type { FaultKind } from "../kernel/faults.ts";
import { planOf } from "../plan/draw.ts";
import type { Plan } from "../plan/plan.ts";
import { brokenResult } from "../run/protocol.ts";
import { findNeeds } from "./faultless.ts";

const CAUGHT = 2;
const [some = "call.lost"] = planOf(CAUGHT).faults;

/** A mutant that is seen in the plans that this holds of. */
function seenWhere(holds: (plan: Plan) => boolean) {
  const played: [seed: number, faults: FaultKind[]][] = [];
  const play = async (plan: Plan) => {
    played.push([plan.seed, plan.faults]);
    const result = brokenResult(plan.seed, { invariant: "ours", detail: "" });
    return holds(plan) ? result : { ...result, violations: [] };
  };
  return { played, play };
}

it("a mutant that its seed shows without faults is asked no further", async () => {
  const { played, play } = seenWhere(() => true);
  const needs = { faults: [], seedWithout: CAUGHT, seedsWithout: 1 };
  expect(await findNeeds(CAUGHT, "ours", 50, play)).toEqual(needs);
  expect(played).toEqual([[CAUGHT, []]]);
});

it("one that its seed shows under a fault alone may show in another without any", async () => {
  const { play } = seenWhere(({ seed, faults }) => seed === 7 || faults.includes(some));
  const needs = { faults: [], seedWithout: 7, seedsWithout: 7 };
  expect(await findNeeds(CAUGHT, "ours", 50, play)).toEqual(needs);
});

it("one that no seed shows without faults names those it takes", async () => {
  const { played, play } = seenWhere(({ faults }) => faults.includes(some));
  const needs = { faults: [some], seedWithout: null, seedsWithout: 50 };
  expect(await findNeeds(CAUGHT, "ours", 50, play)).toEqual(needs);
  expect(played.slice(-50)).toEqual(Array.from({ length: 50 }, (_, at) => [at + 1, []]));
});

it("ends when it is interrupted", async () => {
  expect(await findNeeds(CAUGHT, "ours", 50, () => Promise.resolve(null))).toBeNull();
});
