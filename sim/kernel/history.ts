import { createHash } from "node:crypto";

/**
 * What happened, line by line. Two runs are the same when their hashes are: the lines hold every call,
 * every answer and every fault with its time.
 */
export class History {
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | null;
  #count = 0;

  /** @param keep whether the lines are wanted, or their hash alone. */
  constructor(keep: boolean) {
    this.#lines = keep ? [] : null;
  }

  note(atUs: number, what: string): void {
    const line = `${atUs} ${what}`;
    this.#hash.update(line).update("\n");
    this.#lines?.push(line);
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** The hash of everything noted; the history ends with it. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
