import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const BYTES_PER_KB = 1024;
/** Fields of `/proc/PID/stat` behind the name, from 0 (man 5 proc_pid_stat). */
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU time and memory of a process and all that come from it. */
export interface Use {
  /** User and system time of those that live now. */
  cpuSeconds: number;
  /** Proportional set size: pages that several share are counted once in all. */
  memoryBytes: number;
}

/** What the trees of these processes have used so far; processes that ended are not in it. */
export function useOf(roots: readonly number[]): Use {
  const stats = readStats();
  const pids = treeOf(roots, stats);
  let cpuSeconds = 0;
  let memoryBytes = 0;
  for (const pid of pids) {
    const ticks = stats.get(pid)?.ticks ?? 0;
    cpuSeconds += ticks / ticksPerSecond;
    memoryBytes += memoryOf(pid);
  }
  return { cpuSeconds, memoryBytes };
}

/** CPU seconds alone: cheap enough to ask for often. */
export function cpuSecondsOf(roots: readonly number[]): number {
  const stats = readStats();
  const ticks = treeOf(roots, stats).map((pid) => stats.get(pid)?.ticks ?? 0);
  return ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond;
}

interface Stat {
  parent: number;
  ticks: number;
}

function treeOf(roots: readonly number[], stats: ReadonlyMap<number, Stat>): number[] {
  const tree = new Set(roots);
  // Parents may have greater numbers than their children, so until nothing comes in any more.
  for (let before = -1; before < tree.size;) {
    before = tree.size;
    for (const [pid, { parent }] of stats) if (tree.has(parent)) tree.add(pid);
  }
  return [...tree];
}

function readStats(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync("/proc")) {
    const text = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : null;
    // The name, in brackets, may hold anything.
    const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields === undefined) continue;
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
    stats.set(Number(name), { parent: Number(fields[PARENT]), ticks });
  }
  return stats;
}

function memoryOf(pid: number): number {
  const text = readIfThere(`/proc/${pid}/smaps_rollup`) ?? "";
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * BYTES_PER_KB;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
