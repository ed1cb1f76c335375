import type { Provenance } from "../run/report.ts";
import type { Needs } from "./faultless.ts";
import type { Hunted } from "./hunt.ts";

/** A hunt as it is kept in a file. */
export interface SavedHunt extends Provenance {
  kind: "mutants";
  command: string;
  mutants: SavedMutant[];
}

/** What became of one mutant. */
export interface SavedMutant extends Pick<Hunted, "outcome" | "invariant" | "seed"> {
  name: string;
  breaks: string;
  seedsMax: number;
  /** `null` where nobody has looked. */
  needs: Needs | null;
}

/** A hunt without what is different each time. */
export function savedHunt(
  hunted: readonly Hunted[],
  of: Provenance & { command: string },
): SavedHunt {
  const mutants = hunted.map(({ mutant, outcome, invariant, seed, needs = null }) => {
    const { name, breaks, seedsMax } = mutant;
    return { name, breaks, outcome, invariant, seed, seedsMax, needs };
  });
  return { kind: "mutants", ...of, mutants };
}
