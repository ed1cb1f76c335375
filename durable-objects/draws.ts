import {
  bringValue,
  closeDue,
  reveal,
  type PublicValue,
  type SecretShuffle,
} from "../domain/queue/shuffle.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import type { SaleLog } from "./sale-log.ts";
import type { SequencerStore } from "./sequencer-store.ts";

type DrawLog = Pick<SaleLog, "transactionSync" | "note" | "seal" | "covers">;

/**
 * The draws of a line, each in two steps: it closes, and is in the log with a head over it; its seed is told
 * in a later transaction, so that nobody who knows the seed can still add or leave out who is in the draw.
 */
export class Draws {
  readonly #store: SequencerStore;
  readonly #log: DrawLog;

  constructor(store: SequencerStore, log: DrawLog) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * Closes the draw that is due: at the start, and with the method `random` every half minute. One write,
   * however many are in it. Who joins after it goes behind them.
   */
  close(nowMs: number): void {
    const { control, line, shuffle } = this.#store.read() ?? {};
    if (!control || !line || !shuffle) return;
    const after = closeDue(shuffle, control, line.lastNumber, nowMs);
    if (after === shuffle) return;
    const { ends, closed } = after;
    const joined = closed ?? null;
    if (joined === null) return this.#store.writeShuffle(after);
    const logged = this.#log.note({ kind: "drawn", draw: ends.length + 1, joined });
    this.#log.seal();
    this.#store.writeShuffle({ ...after, drawnIndex: logged?.index ?? null });
  }

  /** Tells the seed of the draw that has closed, if it may be told: to be called after every transaction. */
  reveal(): void {
    const { shuffle } = this.#store.read() ?? {};
    if (!shuffle) return;
    const after = reveal(shuffle);
    if (after === shuffle || !this.#isCovered(shuffle)) return;
    this.#log.transactionSync(() => {
      const { ends, seed } = after;
      if (seed !== null) this.#log.note({ kind: "revealed", draw: ends.length, seed });
      this.#store.writeShuffle(after);
    });
  }

  /** Takes in the public value that the sale has named; `brought` hears of it, unless it is a repeat. */
  bring(value: string, brought: (it: PublicValue) => void): { ok: true } | Refusal {
    const record = this.#store.read();
    if (!record) return refuse("not_found");
    const after = bringValue(record.shuffle, value);
    if ("code" in after) return after;
    const { publicRandomness: named } = after;
    if (after === record.shuffle || !named) return { ok: true };
    this.#log.note({ kind: "randomness", ...named, value });
    this.#store.writeShuffle(after);
    brought(named);
    return { ok: true };
  }

  /** Whether a head over the draw is written down; in a sale without a log there is none to wait for. */
  #isCovered({ drawnIndex = null }: SecretShuffle): boolean {
    return drawnIndex === null || this.#log.covers(drawnIndex);
  }
}
