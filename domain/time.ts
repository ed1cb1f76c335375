/** A full date and time with its offset. `Date.parse` alone takes many other texts, even `drop 5`. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch as RFC 3339 UTC, for example `2026-11-21T12:00:00.000Z`. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** RFC 3339 text to milliseconds since the epoch; `null` when it is not a time. */
export function parseTime(text: string): number | null {
  if (!RFC_3339.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
}

/** The same moment as a `Date`, for libraries that take "now" as one. */
export function dateAt(atMs: number): Date {
  return new Date(atMs);
}
