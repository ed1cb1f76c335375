import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** Waits on standard input, which ends when the parent is gone, however it went; then kills. */
const GUARD_SCRIPT = `
process.stdin.resume();
process.stdin.on("end", () => {
  try { process.kill(Number(process.argv[1]), "SIGKILL"); } catch {}
});
process.stdin.on("data", () => process.exit(0));
`;

/** Watches over child processes, see `guardNewChildren`. */
export interface ChildGuard {
  /** Guards the children started since, and forgets those that ended. */
  refresh(): void;
  /** Guards none any more. */
  lift(): void;
}

/**
 * Makes sure that children which a library starts from now on do not outlive this process, even when
 * this process is killed without a chance to clean up. The Workers runtime would otherwise stay, hold
 * the port, and go on writing to the state folder while the next start uses it.
 */
export function guardNewChildren(): ChildGuard {
  const strangers = new Set(childProcessIds());
  const guards = new Map<number, ChildProcess>();
  return {
    refresh(): void {
      const alive = childProcessIds();
      for (const [pid, guard] of guards) {
        if (!alive.includes(pid)) {
          lift(guard);
          guards.delete(pid);
        }
      }
      for (const pid of alive) {
        if (strangers.has(pid) || guards.has(pid)) continue;
        const guard = killWhenParentEnds(pid);
        guards.set(pid, guard);
        if (guard.pid !== undefined) strangers.add(guard.pid);
      }
    },
    lift(): void {
      for (const guard of guards.values()) lift(guard);
      guards.clear();
    },
  };
}

/** The process ids of this process's own children that are alive. */
function childProcessIds(): number[] {
  // Otherwise the report looks up the name of every open connection, which may take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  if (!isObject(report) || !Array.isArray(report["libuv"])) return [];
  const ids: number[] = [];
  for (const handle of report["libuv"]) {
    if (!isObject(handle) || handle["type"] !== "process") continue;
    if (handle["is_active"] === true && typeof handle["pid"] === "number") ids.push(handle["pid"]);
  }
  return ids;
}

function killWhenParentEnds(pid: number): ChildProcess {
  const guard = spawn(process.execPath, ["--eval", GUARD_SCRIPT, String(pid)], {
    // A session of its own: Ctrl-C and a kill of the process group must not take the guard first.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  // The guard may be gone already when it is lifted.
  guard.stdin?.on("error", () => undefined);
  return guard;
}

function lift(guard: ChildProcess): void {
  guard.stdin?.end("lifted\n");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
