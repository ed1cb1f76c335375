import { StorageMeter, type Work } from "./storage-meter.ts";
import type { Step, World } from "./world.ts";

/** What one command does to a world of one size, and how SQLite goes about it. */
export interface Row extends Omit<Work, "statements"> {
  name: string;
  /** Steps of the plans of all its statements. */
  plans: string[];
}

/** What every command of a turn does, after a turn that nobody counts: it fills caches. */
export async function countTurn(world: World): Promise<Row[]> {
  await world.turn(0, (_, run) => run());
  return count(world, (step) => world.turn(1, step));
}

/** What every step of `run` does to the storage of a world. */
export async function count(
  { storage }: Pick<World, "storage">,
  run: (step: Step) => Promise<void>,
): Promise<Row[]> {
  const meter = new StorageMeter(storage);
  const rows: Row[] = [];
  await run(async (name, command) => {
    let result: unknown;
    const { statements, ...work } = await meter.measure(async () => {
      result = await command();
    });
    rows.push({ name, ...work, plans: meter.plans(statements) });
    return result as Awaited<ReturnType<typeof command>>;
  });
  return rows;
}

/** Commands that change nothing are run so often where they are timed: the runtime's clock counts whole milliseconds. */
const REPEATS = 50;

interface Arrived {
  run: () => Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * How long every command of a turn takes, in milliseconds, with its part of the commit. So many turns go
 * side by side, and each command is timed for all of them at once.
 */
export async function timeTurns(
  world: World,
  firstTurn: number,
  turns: number,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  let arrived: Arrived[] = [];
  const runAll = async (name: string, repeats: number): Promise<void> => {
    const steps = arrived;
    arrived = [];
    const results: unknown[] = [];
    const startedAtMs = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++)
      for (const [index, { run }] of steps.entries()) results[index] = await run();
    await world.storage.sync();
    times.set(name, (performance.now() - startedAtMs) / (repeats * turns));
    for (const [index, { resolve }] of steps.entries()) resolve(results[index]);
  };
  const step: Step = (name, run, changesNothing) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    arrived.push({ run, resolve, reject });
    if (arrived.length === turns) {
      const failed = (error: unknown): void => {
        for (const each of [{ reject }, ...arrived]) each.reject(error);
      };
      runAll(name, changesNothing ? REPEATS : 1).catch(failed);
    }
    return promise as ReturnType<typeof run>;
  };
  const all = Array.from({ length: turns }, (_, index) => world.turn(firstTurn + index, step));
  await Promise.all(all);
  return times;
}
