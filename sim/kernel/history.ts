import { createHash } from "node:crypto";

const CHUNK_CHARS = 16_384;

/**
 * What happened, line by line. Two runs are the same when their hashes are: the lines hold every call,
 * every answer and every fault with its time.
 */
export class History {
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | null;
  /** What is not in the hash yet: it takes many lines at once. */
  #rest = "";
  #count = 0;

  /** @param keep whether the lines are wanted, or their hash alone. */
  constructor(keep: boolean) {
    this.#lines = keep ? [] : null;
  }

  note(atUs: number, what: string): void {
    const line = `${atUs} ${what}`;
    this.#rest += `${line}\n`;
    if (this.#rest.length >= CHUNK_CHARS) this.#flush();
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
    this.#flush();
    return this.#hash.digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#rest);
    this.#rest = "";
  }
}
