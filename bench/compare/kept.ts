import type { Heard } from "./client.ts";

/** Breaches of one kind are named by this many examples. */
const EXAMPLES_MAX = 3;

/** What a system says that it has kept of one run. */
export interface Kept {
  ids: readonly (string | number)[];
  /** Units sold in all, and how many there ever were; where something is sold. */
  sold?: number;
  stock?: number;
}

/**
 * Compares what was told with what was kept: nothing lost, nothing twice, nothing sold that is not there.
 * Requests under way when the client stopped may have been kept without having been told, one a connection.
 */
export function breachesOf({ ids: told }: Heard, kept: Kept, connections: number): string[] {
  const keptIds = new Set(kept.ids.map(String));
  const { sold = 0, stock = Number.POSITIVE_INFINITY } = kept;
  const lost = told.filter((id) => !keptIds.has(id));
  const untold = keptIds.size - (new Set(told).size - lost.length);
  return [
    ...(lost.length > 0 ? [`${lost.length} told and not kept: ${examples(lost)}`] : []),
    ...twice("told", told),
    ...twice("kept", kept.ids.map(String)),
    ...(untold > connections ? [`${untold} kept that nobody was told of`] : []),
    ...(sold > stock ? [`${sold} sold of ${stock}`] : []),
  ];
}

function twice(what: string, ids: readonly string[]): string[] {
  const seen = new Set<string>();
  const again = ids.filter((id) => seen.has(id) || !seen.add(id));
  return again.length === 0 ? [] : [`${again.length} ${what} more than once: ${examples(again)}`];
}

function examples(ids: readonly string[]): string {
  return ids.slice(0, EXAMPLES_MAX).join(", ");
}
