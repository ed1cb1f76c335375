import type { TrailEntry, TrailPage } from "../domain/books/trail.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import { PageOutbox, PAGES_RECOVERY_MS } from "./page-outbox.ts";
import type { Runtime } from "./runtime.ts";
import type { TrailStore } from "./trail-store.ts";

/** What the outbox needs of the object that keeps the trail. */
export interface TrailOutboxPorts {
  storage: DurableObjectStorage;
  runtime: Runtime;
  clock: AlarmClock;
  /** The chain's name; `null` before it has one. */
  chain(): string | null;
  send(page: TrailPage): Promise<unknown>;
}

/** The way of a trail to the projection: its pages, and the alarm that brings lost timers back. */
export class TrailOutbox {
  readonly #ports: TrailOutboxPorts;
  readonly #pages: PageOutbox;

  constructor(trail: TrailStore, ports: TrailOutboxPorts) {
    this.#ports = ports;
    let chain: string | null = null;
    this.#pages = new PageOutbox(ports.runtime, {
      marks: () => trail.marks(),
      rows: (after, limit) => trail.rowsAfter(after, limit),
      send: async ({ fromSequence, texts, hashes }) => {
        chain = ports.chain();
        const entries = texts.map((text) => JSON.parse(text) as TrailEntry);
        if (chain !== null) await ports.send({ chain, fromSequence, entries, hashes });
      },
      mark: (through) => {
        trail.markProjected(through);
      },
      failed: (error) => {
        // As it was read last: what has failed may be the storage.
        console.warn({ event: "trail.page.failed", chain, error: String(error) });
      },
    });
  }

  /** To be called after every event: sends what is pending, soon. */
  wake(): void {
    if (!this.#pages.pending()) return;
    const { clock, runtime } = this.#ports;
    clock.armBy(runtime.now() + PAGES_RECOVERY_MS);
    this.#pages.wake();
  }

  /** The projection has written these. */
  acked(fromSequence: number, throughSequence: number): void {
    this.#ports.storage.transactionSync(() => this.#pages.acked(fromSequence, throughSequence));
  }
}
