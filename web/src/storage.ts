/** Small dated records in localStorage, or in memory where the browser allows no storage. */

const PREFIX = "ropeline.";
/** A record not written for this long belongs to a sale long over. */
const RECORD_AGE_MAX_MS = 7 * 24 * 60 * 60 * 1_000;
/** Browsers allow some thousand keys; one pass over more than this would be felt at page load. */
const PRUNED_KEYS_MAX = 1_000;

const memory = new Map<string, string>();

function readRaw(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

/** Tells whether something read back still has the shape this version of the page expects. */
export type Shape<Value> = (value: unknown) => value is Value;

/** The value saved under a name; null where there is none or it has another shape. */
export function load<Value>(name: string, isShape: Shape<Value>): Value | null {
  try {
    const record: unknown = JSON.parse(readRaw(PREFIX + name) ?? "null");
    const value = isObject(record) ? record["value"] : null;
    return isShape(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a value is an object whose fields can be looked at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Whether a value is text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Saves a value under a name for this browser: reloads, other tabs and restarts see it. */
export function save(name: string, value: unknown): void {
  const raw = JSON.stringify({ savedAtMs: Date.now(), value });
  try {
    localStorage.setItem(PREFIX + name, raw);
    memory.delete(PREFIX + name);
  } catch {
    memory.set(PREFIX + name, raw);
  }
}

/** Removes what is saved under a name. */
export function forget(name: string): void {
  memory.delete(PREFIX + name);
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Without storage the copy in memory was the only one.
  }
}

/** Calls back when another tab changes a record whose name starts with `start`. */
export function onOtherTab(start: string, changed: (name: string) => void): void {
  addEventListener("storage", (event) => {
    if (event.key?.startsWith(PREFIX + start) === true) {
      changed(event.key.slice(PREFIX.length));
    }
  });
}

/** Drops records of sales long over, so that storage does not grow for ever. */
export function prune(): void {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of keys.slice(0, PRUNED_KEYS_MAX)) {
      const record: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
      const savedAtMs = isObject(record) ? Number(record["savedAtMs"]) : 0;
      if (savedAtMs < Date.now() - RECORD_AGE_MAX_MS) {
        localStorage.removeItem(key);
      }
    }
  } catch {
    // Nothing to prune where nothing can be stored.
  }
}
