/** Time and chance, so that a test decides both. */
export interface Surroundings {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** From 0 to below 1. */
  random: () => number;
}

/** Those of a Worker. */
export const around: Surroundings = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
};
