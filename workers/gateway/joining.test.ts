import { expect, it } from "vitest";
import type { JoinCommand } from "../../durable-objects/lane-steps.ts";
import type { Bindings } from "./bindings.ts";
import { gatherJoins } from "./joining.ts";

/** How long each call of joins waited for company, and who came in it: of three that come at once to a lane. */
async function callsOf(reorderWindowMs: number): Promise<{ waits: number[]; calls: string[] }> {
  const waits: number[] = [];
  const calls: string[] = [];
  const answer = (binding: string) => {
    calls.push(binding);
    return { ok: true };
  };
  const lane = {
    join: async (binding: string) => answer(binding),
    joinMany: async (joins: JoinCommand[]) => {
      const value = answer(joins.map(({ binding }) => binding).join(" "));
      return joins.map(() => ({ ok: true, value }));
    },
  };
  const env = { QUEUE_LANE: { getByName: () => lane } } as unknown as Bindings;
  const joins = gatherJoins({
    now: () => 0,
    randomBytes: (length) => new Uint8Array(length),
    setTimer: (run, delayMs) => {
      waits.push(delayMs);
      if (delayMs < 100) setImmediate(run);
      return 0;
    },
    clearTimer: () => {},
  });
  const terms = { arrivedAtMs: 0, lanes: 1, isDraining: false, mayRejoin: true, reorderWindowMs };
  await Promise.all(
    ["a", "b", "c"].map((binding) =>
      joins.ask({ env, waitUntil: () => {} }, "drop/0", { binding, ...terms }),
    ),
  );
  return { waits: waits.filter((waitMs) => waitMs < 1_000), calls };
}

it("brings joins of a lane in one call, whose wait is a small share of the reorder window", async () => {
  expect(await callsOf(250)).toEqual({ waits: [10], calls: ["a", "b c"] });
});

it("has nobody wait where nobody waits to be put in order", async () => {
  expect(await callsOf(0)).toEqual({ waits: [0], calls: ["a", "b c"] });
});
