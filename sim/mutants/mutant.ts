import type { SourcePatch } from "../run/loader.ts";

/** The product with one guard taken out: the simulator has to notice. */
export interface Mutant {
  name: string;
  /** The promise that it breaks, in words. */
  breaks: string;
  patches: readonly SourcePatch[];
  /** Any of these has to be what is reported first. */
  invariants: readonly string[];
  /** It has to be noticed within the seeds from 1 to this one. */
  seedsMax: number;
}
