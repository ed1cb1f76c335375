/** What kind of promise was broken; the report counts by these. */
export type BreachKind =
  | "balance"
  | "oversold"
  | "money"
  | "lost"
  | "duplicate"
  | "order"
  | "admission"
  | "answers"
  | "books"
  | "log"
  | "messages"
  | "unfinished";

/** A broken promise: which, how often, and the first few cases. */
export interface Breach {
  kind: BreachKind;
  /** The promise as a sentence. */
  promise: string;
  count: number;
  examples: string[];
}

/** Enough cases to start looking, few enough to read. */
const EXAMPLES_MAX = 3;

/** No breach for no failures, else one that shows the first of them. */
export function breachOf(
  kind: BreachKind,
  promise: string,
  failures: readonly string[],
  count = failures.length,
): Breach[] {
  if (failures.length === 0) return [];
  return [{ kind, promise, count, examples: failures.slice(0, EXAMPLES_MAX) }];
}

/** How often promises of this kind were broken. */
export function countBreaches(breaches: readonly Breach[], kind: BreachKind): number {
  return breaches
    .filter((breach) => breach.kind === kind)
    .reduce((sum, breach) => sum + breach.count, 0);
}
