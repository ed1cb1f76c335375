import type { FaultPlan } from "./faults/plan.ts";
import { numberFrom, type ParsedOptions, UsageError } from "./options.ts";

/** Options that make a system of the driver's own worse, and a line of `--help` for each. */
export const FAULT_OPTIONS = {
  "lane-delay": "with --trace: every call to a lane waits a random time up to so many ms (0)",
  "database-down": "in the middle of the sale the database is away for so many seconds (0)",
  "database-busy": "percent of the calls to the database that fail (0)",
  "database-slow": "every call to the database waits a random time up to so many ms (0)",
  doubled: "every message of a queue is delivered so often, in no order (1)",
  lives: "every object is aborted after so many seconds on average, in a call or at rest (0: none)",
};

/** Beyond this a join is slower than anyone waits for. */
const LANE_DELAY = { fallback: 0, min: 0, max: 5000 };
/** Ten minutes, as long as the longest outage that the product is meant to bear unseen. */
const DOWN_SECONDS = { fallback: 0, min: 0, max: 600 };
/** Beyond half of all, a batch of calls hardly ever gets through. */
const BUSY_PERCENT = { fallback: 0, min: 0, max: 50 };
const SLOW_MS = { fallback: 0, min: 0, max: 5000 };
/** As many copies as a queue of a few messages a second can be worked off with. */
const DOUBLED = { fallback: 1, min: 1, max: 20 };
/** An hour: no driver runs for longer than a few lives of that length. */
const LIVES_SECONDS = { fallback: 0, min: 0, max: 3600 };

/** The faults that a command line wants. Throws `UsageError`. */
export function faultsOf({
  texts,
}: ParsedOptions<"trace" | keyof typeof FAULT_OPTIONS>): FaultPlan {
  if (texts["lane-delay"] !== undefined && texts.trace === undefined) {
    throw new UsageError("--lane-delay goes with --trace");
  }
  return {
    laneDelayMs: numberFrom("lane-delay", texts["lane-delay"], LANE_DELAY),
    databaseDownSeconds: numberFrom("database-down", texts["database-down"], DOWN_SECONDS),
    databaseBusyPercent: numberFrom("database-busy", texts["database-busy"], BUSY_PERCENT),
    databaseSlowMs: numberFrom("database-slow", texts["database-slow"], SLOW_MS),
    doubled: numberFrom("doubled", texts.doubled, DOUBLED),
    livesSeconds: numberFrom("lives", texts.lives, LIVES_SECONDS),
  };
}
