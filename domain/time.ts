/** A full date and time with its offset. `Date.parse` alone takes many other texts, even `drop 5`. */
const RFC_3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** The last moment that is written with a year of four digits. */
const TIME_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since the epoch as RFC 3339 UTC, for example `2026-11-21T12:00:00.000Z`. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/**
 * RFC 3339 text to milliseconds since the epoch; `null` when it is not a time, is on a day that no
 * calendar has (which `Date.parse` takes for a later one), or before 1970 or after 9999.
 */
export function parseTime(text: string): number | null {
  const local = RFC_3339.exec(text)?.[1];
  const atMs = Date.parse(text);
  if (local === undefined || !(atMs >= 0 && atMs <= TIME_MAX_MS)) return null;
  return formatTime(Date.parse(`${local}Z`)).startsWith(local) ? atMs : null;
}
