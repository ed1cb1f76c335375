import type { Runtime } from "./runtime.ts";

/**
 * A stored alarm that is overdue by this much is one that the platform has forgotten: late ones come
 * within a minute (developers.cloudflare.com/durable-objects/api/alarms).
 */
const FORGOTTEN_AFTER_MS = 90_000;

/**
 * The one alarm of an object, only ever moved earlier: moving it later on every request grows an
 * unbounded chain and costs a row each time. A handler that fires early works a batch and arms again.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #runtime: Pick<Runtime, "now">;
  #atMs: number | null = null;

  constructor(storage: DurableObjectStorage, runtime: Pick<Runtime, "now">) {
    this.#storage = storage;
    this.#runtime = runtime;
  }

  /** Reads the stored alarm; call it before the object takes events. */
  async load(): Promise<void> {
    this.#atMs = await this.#storage.getAlarm();
  }

  /** Makes sure that the alarm fires at `atMs` or earlier, at the soonest in a millisecond. */
  armBy(atMs: number): void {
    const nowMs = this.#runtime.now();
    const isForgotten = this.#atMs !== null && nowMs - this.#atMs > FORGOTTEN_AFTER_MS;
    // A handler that stores the very time that it came at has changed nothing: it never comes again.
    const soonestMs = Math.max(atMs, nowMs + 1);
    if (this.#atMs !== null && this.#atMs <= soonestMs && !isForgotten) return;
    this.#atMs = soonestMs;
    void this.#storage.setAlarm(soonestMs);
  }

  /** To be called first by the handler: the alarm that fired is gone. */
  fired(): void {
    this.#atMs = null;
  }
}
