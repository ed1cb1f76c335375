/** Connections, databases and the rest, beside what a driver counts. */
const RESERVE_FILES = 500;

/**
 * Open files that this process may have; Infinity where the system sets no limit, or says nothing. Node
 * raises its own limit to the greatest allowed at its start, and servers started by it inherit that.
 */
export function openFilesMax(): number {
  const report: unknown = process.report.getReport();
  const soft = softLimitIn(report);
  return typeof soft === "number" ? soft : Infinity;
}

/** Throws when so many connections do not fit; says what to do. */
export function assertOpenFiles(connections: number, max = openFilesMax()): void {
  const needed = connections + RESERVE_FILES;
  if (needed <= max) return;
  throw new Error(
    `${connections} connections need ${needed} open files, and this process may have ${max}; raise the limit (ulimit -Hn, then ulimit -n ${needed}) or ask for fewer`,
  );
}

function softLimitIn(report: unknown): unknown {
  const limits = fieldOf(fieldOf(report, "userLimits"), "open_files");
  return fieldOf(limits, "soft");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
