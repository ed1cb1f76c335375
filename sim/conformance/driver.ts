import type { Stub } from "./program.ts";
import { PROGRAMS } from "./programs/index.ts";

/** What `until` does between two looks, and how long it goes on: some seconds. */
const LOOK_AGAIN_MS = 5;
const LOOKS_MAX = 1_500;

/** What a program is driven with: the same program, wherever its objects live. */
export interface Surroundings {
  /** A fresh stub of an object by its role in the program. */
  readonly probe: (role: string) => Stub;
  /** Waits in the time that the objects live in. */
  readonly sleep: (delayMs: number) => Promise<void>;
}

/**
 * Runs the program of this name and returns its log.
 *
 * @throws Error when there is none, or when it waits for something that does not happen.
 */
export async function drive(name: string, { probe, sleep }: Surroundings): Promise<string[]> {
  const program = PROGRAMS[name];
  if (!program) throw new Error(`There is no program ${name}.`);
  const logged: string[] = [];
  await program.drive({
    probe,
    log: (line) => void logged.push(line),
    until: async (isDone) => {
      for (let looks = 0; !(await isDone()); looks++) {
        if (looks > LOOKS_MAX) throw new Error(`waits in vain, after ${logged.join("; ")}`);
        await sleep(LOOK_AGAIN_MS);
      }
    },
  });
  return logged;
}
