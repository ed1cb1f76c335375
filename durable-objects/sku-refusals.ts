import { Calls } from "./calls.ts";
import type { Runtime, Timer } from "./runtime.ts";

/** Refusals are written down together, this long after the first: a crowd at a sold out item costs a row in ten seconds. */
const REFUSED_DELAY_MS = 10_000;

/**
 * What an item refuses: counted in memory, and now and then written to its ledger. A refusal itself
 * writes nothing; what was counted since the last row is lost with the object.
 */
export class SkuRefusals {
  readonly #runtime: Runtime;
  readonly #write: (counts: Record<string, number>) => void;
  readonly #sinceWoken = new Calls();
  #sinceWritten = new Calls();
  #timer: Timer | null = null;

  /** @param write writes a row in a transaction of its own. */
  constructor(runtime: Runtime, write: (counts: Record<string, number>) => void) {
    this.#runtime = runtime;
    this.#write = write;
  }

  /** A command was refused. */
  count(code: string): void {
    this.#sinceWoken.count(code);
  }

  /** What was refused was a purchase. */
  countPurchase(code: string): void {
    this.#sinceWritten.count(code);
    this.#timer ??= this.#runtime.setTimer(() => {
      this.#timer = null;
      const counts = this.#sinceWritten.snapshot();
      this.#sinceWritten = new Calls();
      this.#write(counts);
    }, REFUSED_DELAY_MS);
  }

  /** By code, since the object woke. */
  snapshot(): Record<string, number> {
    return this.#sinceWoken.snapshot();
  }
}
