/**
 * The one alarm of an object, only ever moved earlier: moving it later on every request grows an
 * unbounded chain and costs a row each time. A handler that fires early works a batch and arms again.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  #atMs: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Reads the stored alarm; call it before the object takes events. */
  async load(): Promise<void> {
    this.#atMs = await this.#storage.getAlarm();
  }

  /** Makes sure that the alarm fires at `atMs` or earlier. */
  armBy(atMs: number): void {
    if (this.#atMs !== null && this.#atMs <= atMs) return;
    this.#atMs = atMs;
    void this.#storage.setAlarm(atMs);
  }

  /** To be called first by the handler: the alarm that fired is gone. */
  fired(): void {
    this.#atMs = null;
  }
}
