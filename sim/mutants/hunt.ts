import type { SeedResult } from "../run/seed.ts";
import { withThread, type SimulationThread } from "../run/thread.ts";
import { planOf } from "../sale/plan.ts";
import type { Mutant } from "./mutant.ts";

/** What became of a mutant. */
export interface Hunted {
  mutant: Mutant;
  /** Killed: what it breaks was reported first. Missed: something else was, or nothing. */
  outcome: "killed" | "missed" | "unfit";
  /** The invariant that was reported first, if one was. */
  invariant: string | null;
  /** Why it could not be loaded, or the details of a violation that nobody expected. */
  detail: string | null;
  seeds: number;
  seconds: number;
}

/**
 * Plays a mutant on a thread of its own, from seed 1 until something is reported. `null` when it was
 * interrupted.
 */
export async function hunt(mutant: Mutant, signal?: AbortSignal): Promise<Hunted | null> {
  const startMs = performance.now();
  const { patches } = mutant;
  const found = await withThread({ patches, signal }, (thread) => firstReport(mutant, thread));
  return found && { mutant, ...found, seconds: (performance.now() - startMs) / 1000 };
}

type Found = Pick<Hunted, "outcome" | "invariant" | "detail" | "seeds">;

async function firstReport(mutant: Mutant, thread: SimulationThread): Promise<Found | null> {
  for (let seed = 1; seed <= mutant.seedsMax; seed++) {
    let result: SeedResult | null;
    try {
      result = await thread.run(planOf(seed));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { outcome: "unfit", invariant: null, detail, seeds: 0 };
    }
    if (!result) return null;
    const [violation] = result.violations;
    if (!violation) continue;
    const isExpected = mutant.invariants.includes(violation.invariant);
    return { outcome: isExpected ? "killed" : "missed", ...violation, seeds: seed };
  }
  return { outcome: "missed", invariant: null, detail: null, seeds: mutant.seedsMax };
}

/** Hunts mutants, some at the same time; the results are in the order of the mutants. */
export async function huntAll(
  mutants: readonly Mutant[],
  options: { threads: number; signal?: AbortSignal; onHunted?: (hunted: Hunted) => void },
): Promise<Hunted[]> {
  const { threads, signal, onHunted } = options;
  const results = new Map<Mutant, Hunted>();
  const next = mutants.values();
  const work = async (): Promise<void> => {
    for (const mutant of next) {
      const hunted = signal?.aborted === true ? null : await hunt(mutant, signal);
      if (!hunted) return;
      results.set(mutant, hunted);
      onHunted?.(hunted);
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, mutants.length) }, work));
  return mutants.flatMap((mutant) => results.get(mutant) ?? []);
}
