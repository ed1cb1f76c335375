import type { SaleFairness } from "../../../domain/fairness/report.ts";

/** A public log that has what a test puts into it, and a bucket that may be away. */
export class FakeLog {
  /** `null`: the sale has no log; an error: its object does not answer. */
  checkpoint: string | Error | null = "origin\n3\nhead\n";
  /** How fair its sale is. */
  fairness: SaleFairness | Error | null = null;
  /** By path. */
  readonly tiles = new Map<string, Uint8Array>();
  readonly copies = new Map<string, Uint8Array>();
  isBucketAway = false;
  readonly #note: (call: string) => void;

  constructor(note: (call: string) => void) {
    this.#note = note;
  }

  /** What the waiting room answers about logs. */
  service() {
    return {
      logCheckpoint: async (saleId: string) => {
        this.#note(`log ${saleId} checkpoint`);
        if (this.checkpoint instanceof Error) throw this.checkpoint;
        return this.checkpoint;
      },
      logTile: async (saleId: string, path: string) => {
        this.#note(`log ${saleId} ${path}`);
        return this.tiles.get(path) ?? null;
      },
      fairness: async (saleId: string) => {
        this.#note(`log ${saleId} fairness`);
        if (this.fairness instanceof Error) throw this.fairness;
        return this.fairness;
      },
      logKeys: async (saleId: string) => [
        `shop/sales/${saleId}+1+new`,
        `shop/sales/${saleId}+2+old`,
      ],
    };
  }

  bucket() {
    const here = () => {
      if (this.isBucketAway) throw new Error("The bucket does not answer.");
    };
    return {
      get: async (key: string) => {
        here();
        const found = this.copies.get(key);
        return found ? { arrayBuffer: async () => found.slice().buffer } : null;
      },
      put: async (key: string, bytes: Uint8Array) => {
        here();
        this.copies.set(key, bytes);
      },
    };
  }
}
