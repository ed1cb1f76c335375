import type { Runtime } from "../../durable-objects/runtime.ts";

/** How old a value may get. */
export interface ValueCacheOptions<Value> {
  runtime: Pick<Runtime, "now">;
  /** For so long after a load a value is served as it is. */
  freshMs: number;
  /** The same for absence, where it may end at any moment. */
  absentFreshMs?: number;
  /** Up to this age it is served while one request refreshes it after its own answer. */
  refreshMs: number;
  /** Up to this age it is served when the refresh fails or is another request's. */
  keepMs: number;
  /** Values kept at once; the one refreshed longest ago goes first. */
  entriesMax: number;
  /** When a value came to be, where it says so; else its age counts from the load. */
  bornAtMs?: (value: Value) => number;
  /** Whether a load may bring what is older than the value that is known; that is not taken then. */
  isOlder?: (value: Value, known: Value) => boolean;
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
  bornAtMs: number;
  freshUntilMs: number;
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
  readonly #options: ValueCacheOptions<Value>;
  readonly #entries = new Map<string, Entry<Value>>();
  #turn = 0;
  /** Loads that began before something was forgotten are not stored: they may be what was meant. */
  #forgottenTurn = 0;

  constructor(options: ValueCacheOptions<Value>) {
    this.#options = options;
  }

  /** The value of `key` if it can be served as it is; what is hot is looked up here first, without a promise. */
  fresh(key: string): Value | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    const nowMs = this.#options.runtime.now();
    return nowMs >= entry.bornAtMs && nowMs <= entry.freshUntilMs ? entry.value : null;
  }

  /**
   * The value of `key`, from memory or loaded now.
   *
   * @throws what `load` throws, when there is no value young enough to stand in.
   */
  async get(key: string, loading: Loading<Value>): Promise<Value | null> {
    const { runtime, refreshMs, keepMs } = this.#options;
    const entry = this.#entries.get(key);
    const nowMs = runtime.now();
    // What was loaded later than now is of no known age: the clock was set back.
    if (!entry || nowMs < entry.bornAtMs) return this.#load(key, loading);
    if (nowMs <= entry.freshUntilMs) return entry.value;
    const ageMs = nowMs - entry.bornAtMs;
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
    const loaded = await load();
    const known = this.#entries.get(key);
    const isOlder =
      loaded !== null && known?.value && this.#options.isOlder?.(loaded, known.value) === true;
    const value = isOlder ? known.value : loaded;
    const newestTurn = known?.turn ?? this.#forgottenTurn;
    if (turn > newestTurn) this.#store(key, value, turn);
    return value;
  }

  #store(key: string, value: Value | null, turn: number): void {
    const { runtime, refreshMs, absentFreshMs } = this.#options;
    const freshMs = (value === null ? absentFreshMs : undefined) ?? this.#options.freshMs;
    const nowMs = runtime.now();
    const saidMs = value === null ? undefined : this.#options.bornAtMs?.(value);
    // By a clock that runs ahead it has not come to be yet: it is no younger than the load for that.
    const bornAtMs = Math.min(saidMs ?? nowMs, nowMs);
    // Old ones are asked for anew sooner, yet not more than twice as often: all may be old, by a wrong clock.
    const soonestMs = Math.max(bornAtMs + refreshMs, nowMs + freshMs / 2);
    const freshUntilMs = Math.min(nowMs + freshMs, soonestMs);
    // Deleted first, so that the map's order is the order of refreshes.
    this.#entries.delete(key);
    this.#entries.set(key, { value, bornAtMs, freshUntilMs, leaseEndsAtMs: 0, turn });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.entriesMax && oldest !== undefined)
      this.#entries.delete(oldest);
  }
}
