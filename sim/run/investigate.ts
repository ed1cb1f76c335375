import { planFor } from "../plan/long.ts";
import type { Plan } from "../plan/plan.ts";
import { showProgress } from "./progress.ts";
import { renderViolation } from "./report.ts";
import type { SeedResult } from "./seed.ts";
import { shrink, SHRINK_ATTEMPTS_MAX } from "./shrink.ts";
import type { SimulationThread } from "./thread.ts";
import { shortTrace } from "./trace.ts";

/**
 * Shrinks a seed that broke a promise, and prints what is left of it and the end of its history.
 * Returns the shrunk run; `null` when it was interrupted or did not break the promise again.
 */
export async function investigate(
  broken: SeedResult,
  thread: SimulationThread,
  operations?: number,
): Promise<SeedResult | null> {
  const { seed, violations } = broken;
  const ofLength = operations === undefined ? "" : ` --operations ${operations}`;
  const invariant = violations[0]?.invariant ?? "";
  const plan = planFor(seed, operations);
  console.log(`\nShrinking seed ${seed}, which breaks ${invariant}`);
  const progress = showProgress(SHRINK_ATTEMPTS_MAX);
  const small = await shrink(
    plan,
    invariant,
    (candidate) => thread.run(candidate),
    (attempts, best) => progress.update(attempts, describePlan(best)),
  );
  progress.stop();
  const result = await thread.run(small.plan, true);
  const [violation] = result?.violations ?? [];
  if (!result || violation?.invariant !== invariant) return null;
  console.log(`From ${describePlan(plan)}`);
  console.log(`to   ${describePlan(small.plan)}, ${small.attempts} plans tried:`);
  console.log(JSON.stringify(small.plan));
  console.log(shortTrace(result.lines));
  console.log(renderViolation(violation));
  console.log(`Replay: npm run sim -- --seed ${seed}${ofLength} --trace`);
  return result;
}

/** How large a plan is. */
function describePlan({ shoppers, items, faults, admin }: Plan): string {
  const habits = shoppers.reduce((sum, shopper) => sum + shopper.habits.length, 0);
  const stock = items.reduce((sum, item) => sum + item.stock, 0);
  return `${shoppers.length} shoppers, ${habits} habits, ${items.length} items, ${stock} units, ${faults.length} fault kinds, ${admin.length} admin steps`;
}
