import type { Plan } from "../plan/plan.ts";
import type { Violation } from "../sale/witness.ts";
import type { SourcePatch } from "./loader.ts";
import type { SeedResult } from "./seed.ts";

/** What a thread is started with. */
export interface ThreadData {
  patches: readonly SourcePatch[];
}

/** What a thread is asked to do; one at a time. */
export interface Job {
  plan: Plan;
  keepHistory: boolean;
}

/** What a thread says: that its code is loaded, and then what came of each job. */
export type ThreadMessage = { kind: "ready" } | { kind: "result"; result: SeedResult };

/** The result of a seed that could not even be played to its end: nothing is known but why. */
export function brokenResult(seed: number, violation: Violation): SeedResult {
  return {
    seed,
    hash: "",
    steps: 0,
    events: 0,
    operations: 0,
    simulatedMs: 0,
    linear: { calls: 0, histories: 0, givenUp: 0 },
    faults: {},
    covered: [],
    violations: [violation],
    lines: [],
  };
}
