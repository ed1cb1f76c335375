import { afterAll, expect, it } from "vitest";
import { MUTANTS } from "../mutants/mutants.ts";
import { quietPlan } from "../plan/fixture.ts";
import type { Plan } from "../plan/plan.ts";
import { SimulationThread, withThread } from "../run/thread.ts";
import { readRegressions, readUnfounded } from "./regression.ts";

const regressions = [...readRegressions()];
const product = new SimulationThread();
afterAll(() => product.stop());

/** What sales have by now that had not been thought of when this one was kept is as it is in a quiet one. */
function planOf({ plan }: { plan: Plan }): Plan {
  return { ...quietPlan(1, 1), ...plan };
}

it("there are some", () => expect(regressions.length).toBeGreaterThan(0));

it.each(regressions)("%s stays mended, and is reported when it is put back", async (_, kept) => {
  const { patches } = MUTANTS.find(({ name }) => name === kept.mutant) ?? {};
  if (!patches) throw new Error(`There is no mutant "${kept.mutant}" any more.`);
  const mended = await product.run(planOf(kept));
  expect(mended?.violations).toEqual([]);
  const broken = await withThread({ patches }, (thread) => thread.run(planOf(kept)));
  expect(broken?.violations[0]?.invariant).toBe(kept.invariant);
});

it.each([...readUnfounded()])("%s is not called broken again", async (_, kept) => {
  expect((await product.run(planOf(kept)))?.violations).toEqual([]);
});
