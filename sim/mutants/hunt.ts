import { seedsFrom } from "../run/pool.ts";
import type { SeedResult } from "../run/seed.ts";
import { withThread } from "../run/thread.ts";
import { planOf } from "../plan/draw.ts";
import { needsOf, type Needs } from "./faultless.ts";
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
  /** The seed that it was reported at; the last one that was tried where nothing was. */
  seed: number;
  seconds: number;
  /** What it takes to see it, where that was asked for and it was killed. */
  needs?: Needs | null;
}

/** How mutants are hunted. */
export interface HuntOptions {
  signal?: AbortSignal | undefined;
  /** By mutant: a seed that has shown it before. It is tried first. */
  seenAt?: Readonly<Record<string, number>>;
  /** Whether to find out which mutants show under a fault alone. */
  faultless?: boolean;
}

/**
 * Plays a mutant on a thread of its own: at the seed that has shown it before, and if that does not any more, from
 * seed 1 until something is reported. `null` when it was interrupted.
 */
export async function hunt(
  mutant: Mutant,
  { signal, seenAt = {} }: HuntOptions = {},
): Promise<Hunted | null> {
  const startMs = performance.now();
  const { patches, name } = mutant;
  const seen = seenAt[name] ?? null;
  const found = await withThread({ patches, signal }, (thread) =>
    firstReport(mutant, seen, (seed) => thread.run(planOf(seed))),
  );
  return found && { mutant, ...found, seconds: (performance.now() - startMs) / 1000 };
}

type Found = Pick<Hunted, "outcome" | "invariant" | "detail" | "seed">;

/**
 * Plays one seed after the other until something is reported. What has seen the mutant before may show
 * something else now: then it says nothing.
 */
export async function firstReport(
  { invariants, seedsMax }: Mutant,
  seen: number | null,
  play: (seed: number) => Promise<Pick<SeedResult, "violations"> | null>,
): Promise<Found | null> {
  for (const seed of seedsOf(seen, seedsMax)) {
    let result: Pick<SeedResult, "violations"> | null;
    try {
      result = await play(seed);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { outcome: "unfit", invariant: null, detail, seed };
    }
    if (!result) return null;
    const [violation] = result.violations;
    const isExpected = violation !== undefined && invariants.includes(violation.invariant);
    if (isExpected) return { outcome: "killed", ...violation, seed };
    if (violation !== undefined && seed !== seen) return { outcome: "missed", ...violation, seed };
  }
  return { outcome: "missed", invariant: null, detail: null, seed: seedsMax };
}

function* seedsOf(seen: number | null, seedsMax: number): Generator<number, void> {
  if (seen !== null) yield seen;
  yield* seedsFrom(1, seedsMax);
}

/** Hunts mutants, some at the same time; the results are in the order of the mutants. */
export async function huntAll(
  mutants: readonly Mutant[],
  options: HuntOptions & { threads: number; onHunted?: (hunted: Hunted) => void },
): Promise<Hunted[]> {
  const { threads, signal, onHunted } = options;
  const results = new Map<Mutant, Hunted>();
  const next = mutants.values();
  const work = async (): Promise<void> => {
    for (const mutant of next) {
      const hunted = signal?.aborted === true ? null : await hunt(mutant, options);
      if (!hunted) return;
      if (options.faultless === true && hunted.outcome === "killed")
        hunted.needs = await needsOf(hunted, signal);
      results.set(mutant, hunted);
      onHunted?.(hunted);
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, mutants.length) }, work));
  return mutants.flatMap((mutant) => results.get(mutant) ?? []);
}
