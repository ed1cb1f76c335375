import type { FaultKind } from "../kernel/faults.ts";
import { planOf } from "../plan/draw.ts";
import { seedsFrom } from "../run/pool.ts";
import { shrinkFaults, type Play } from "../run/shrink.ts";
import { withThread } from "../run/thread.ts";
import type { Hunted } from "./hunt.ts";

/** Seeds that are played without their faults at the most: what they do not show is rarer than one in fifty. */
const FAULTLESS_MAX_SEEDS = 200;

/** What it takes to see a mutant. */
export interface Needs {
  /** Faults that the seed which has caught it cannot do without; none: it shows on a quiet day. */
  faults: FaultKind[];
  /** The seed that shows it although all faults were taken out of its plan; `null`: none does. */
  seedWithout: number | null;
  /** How many seeds were played without their faults. */
  seedsWithout: number;
}

/** Finds out whether a mutant that was killed shows under a fault alone; `null` when it was interrupted. */
export function needsOf({ mutant, invariant, seed }: Hunted, signal?: AbortSignal) {
  const { patches, seedsMax } = mutant;
  return withThread({ patches, signal }, (thread) =>
    findNeeds(seed, invariant ?? "", Math.min(seedsMax, FAULTLESS_MAX_SEEDS), (plan) =>
      thread.run(plan),
    ),
  );
}

/** First the seed that has caught it is played with fewer and fewer faults, then others without any. */
export async function findNeeds(
  seed: number,
  invariant: string,
  seedsMax: number,
  play: Play,
): Promise<Needs | null> {
  const { faults } = (await shrinkFaults(planOf(seed), invariant, play)).plan;
  if (faults.length === 0) return { faults, seedWithout: seed, seedsWithout: 1 };
  for (const other of seedsFrom(1, seedsMax)) {
    const result = await play({ ...planOf(other), faults: [] });
    if (!result) return null;
    if (result.violations.length > 0)
      return { faults: [], seedWithout: other, seedsWithout: other };
  }
  return { faults, seedWithout: null, seedsWithout: seedsMax };
}
