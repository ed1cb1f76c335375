import { afterAll, expect, it } from "vitest";
import { MUTANTS } from "../mutants/mutants.ts";
import { quietPlan } from "../plan/fixture.ts";
import type { Plan } from "../plan/plan.ts";
import { SimulationThread, withThread } from "../run/thread.ts";
import { readRegressions, readUnfounded, type Regression } from "./regression.ts";

const regressions = [...readRegressions()];
const product = new SimulationThread();
afterAll(() => product.stop());

/**
 * The same sale with other dice: whether it shows a bug hangs on the order of everything, which each change of the product
 * moves. A few are enough as a rule.
 */
const DICE_MAX = 300;

/** What sales have by now that had not been thought of when this one was kept is as it is in a quiet one. */
function planOf({ plan }: { plan: Plan }): Plan {
  return { ...quietPlan(1, 1), ...plan };
}

async function isReported(thread: SimulationThread, kept: Regression): Promise<boolean> {
  const plan = planOf(kept);
  for (let dice = 0; dice < DICE_MAX; dice++) {
    const broken = await thread.run({ ...plan, seed: plan.seed + dice });
    if (broken?.violations[0]?.invariant === kept.invariant) return true;
  }
  return false;
}

it("there are some", () => expect(regressions.length).toBeGreaterThan(0));

it.each(regressions)("%s stays mended, and is reported when it is put back", async (_, kept) => {
  const { patches } = MUTANTS.find(({ name }) => name === kept.mutant) ?? {};
  if (!patches) throw new Error(`There is no mutant "${kept.mutant}" any more.`);
  const mended = await product.run(planOf(kept));
  expect(mended?.violations).toEqual([]);
  expect(await withThread({ patches }, (thread) => isReported(thread, kept))).toBe(true);
});

it.each([...readUnfounded()])("%s is not called broken again", async (_, kept) => {
  expect((await product.run(planOf(kept)))?.violations).toEqual([]);
});
