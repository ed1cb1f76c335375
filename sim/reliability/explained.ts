import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Why seeds broke a promise, and what came of it. */
export interface Explained {
  /** Of the run, as its lines have it: at another commit a seed is another sale. */
  commit: string;
  seeds: number[];
  invariant: string;
  /** Whose fault it was: the product's, or the simulator's, which asked for what nobody promised or played what cannot be. */
  fault: "product" | "simulator";
  cause: string;
  /** The commit that mended it; `null`: it is open. */
  mended: string | null;
}

/** All that is known of seeds that broke a promise. */
export function readExplained(): Explained[] {
  const text = readFileSync(join(import.meta.dirname, "explained.json"), "utf8");
  return JSON.parse(text) as Explained[];
}

/** What is known of one; `undefined`: nobody has looked yet, and it is open. */
export function explanationOf(
  all: readonly Explained[],
  broken: { commit: string; seed: number; invariant: string },
): Explained | undefined {
  return all.find(
    ({ commit, seeds, invariant }) =>
      commit === broken.commit && invariant === broken.invariant && seeds.includes(broken.seed),
  );
}
