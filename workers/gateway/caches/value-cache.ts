import type { Runtime } from "../../../durable-objects/runtime.ts";

/** How old a value may get. Each bound includes the ones before it. */
export interface ValueCacheOptions {
  runtime: Pick<Runtime, "now">;
  /** Up to this age a value is served as it is. */
  freshMs: number;
  /** Up to this age it is served while one request refreshes it after its own answer. */
  refreshMs: number;
  /** Up to this age it is served when the refresh fails or is another request's. */
  keepMs: number;
  /** Values kept at once; the one refreshed longest ago goes first. */
  entriesMax: number;
}

/** One load, and the way to let it finish after the answer. */
export interface Loading<Value> {
  load: () => Promise<Value | null>;
  waitUntil: (work: Promise<unknown>) => void;
}

/** A refresh that has not come back after this long is taken for lost: another request may try. */
const LEASE_MS = 500;

interface Entry<Value> {
  value: Value | null;
  loadedAtMs: number;
  leaseEndsAtMs: number;
  /** The order of loads: an answer that was asked for earlier never replaces a later one. */
  turn: number;
}

/**
 * Remembers values in the isolate, `null` (there is no such thing) among them. It never keeps a
 * promise: requests cannot await each other's I/O, so one request loads under a lease and the others
 * use the value that is there.
 */
export class ValueCache<Value> {
  readonly #options: ValueCacheOptions;
  readonly #entries = new Map<string, Entry<Value>>();
  #turn = 0;
  /** Loads that began before something was forgotten are not stored: they may be what was meant. */
  #forgottenTurn = 0;

  constructor(options: ValueCacheOptions) {
    this.#options = options;
  }

  /**
   * The value of `key`, from memory or loaded now.
   *
   * @throws what `load` throws, when there is no value young enough to stand in.
   */
  async get(key: string, loading: Loading<Value>): Promise<Value | null> {
    const { runtime, freshMs, refreshMs, keepMs } = this.#options;
    const entry = this.#entries.get(key);
    if (!entry) return this.#load(key, loading);
    const nowMs = runtime.now();
    const ageMs = nowMs - entry.loadedAtMs;
    if (ageMs <= freshMs) return entry.value;
    // What did not exist a moment ago may exist now: absence is never served beyond its freshness.
    if (ageMs > keepMs || entry.value === null) return this.#load(key, loading);
    if (nowMs < entry.leaseEndsAtMs) return entry.value;
    entry.leaseEndsAtMs = nowMs + LEASE_MS;
    const refresh = this.#load(key, loading).catch((error: unknown) => {
      console.warn({ event: "cache.refresh_failed", key, error: String(error) });
      return entry.value;
    });
    if (ageMs > refreshMs) return refresh;
    loading.waitUntil(refresh);
    return entry.value;
  }

  /** Stores what is known to be the value now; loads that are under way no longer count. */
  put(key: string, value: Value | null): void {
    this.#turn += 1;
    this.#store(key, value, this.#turn);
  }

  /** Forgets one value, also one that is being loaded. */
  drop(key: string): void {
    this.#forgottenTurn = this.#turn;
    this.#entries.delete(key);
  }

  /** Forgets all values, also those that are being loaded. */
  clear(): void {
    this.#forgottenTurn = this.#turn;
    this.#entries.clear();
  }

  async #load(key: string, { load }: Loading<Value>): Promise<Value | null> {
    this.#turn += 1;
    const turn = this.#turn;
    const value = await load();
    const newestTurn = this.#entries.get(key)?.turn ?? this.#forgottenTurn;
    if (turn > newestTurn) this.#store(key, value, turn);
    return value;
  }

  #store(key: string, value: Value | null, turn: number): void {
    const loadedAtMs = this.#options.runtime.now();
    // Deleted first, so that the map's order is the order of refreshes.
    this.#entries.delete(key);
    this.#entries.set(key, { value, loadedAtMs, leaseEndsAtMs: 0, turn });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.entriesMax && oldest !== undefined)
      this.#entries.delete(oldest);
  }
}
