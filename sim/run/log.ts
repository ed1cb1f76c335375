/** How errors from beneath the code are worded: by the simulated platform, and by Drizzle where it wraps them. */
const BENEATH =
  /Network connection lost|D1_ERROR|Durable Object|Queue send failed|Failed query|no answer/;

/** What reconciliation logs of a difference: invariants of their own judge whether it is one (`books.agree`). */
const FOUND = "books.reconciled";

/**
 * What a line of the product's log tells of an error of its own: whoever logs an error and goes on may have met a
 * bug. `null` where there is none, or it came from beneath.
 */
export function ownErrorIn(entry: unknown): string | null {
  if (typeof entry !== "object" || entry === null) return null;
  const { event, error, why } = entry as Record<string, unknown>;
  const text = error ?? why;
  if (typeof text !== "string" || BENEATH.test(text) || event === FOUND) return null;
  return `${String(event)}: ${text}`;
}
