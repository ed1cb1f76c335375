import {
  createPrivateKey as privateKeyOf,
  hash,
  type KeyObject,
  type PrivateKeyInput,
} from "node:crypto";

/*
 * What `domain/hash.ts` takes of `node:crypto`, to the same results. Node's own objects of hashes and keys cost several
 * times what the hash itself does, and were a tenth of a simulation.
 */

export { createPublicKey, sign, timingSafeEqual } from "node:crypto";

/** Takes parts, and hashes them in one go. */
class OneHash {
  readonly #parts: Uint8Array[] = [];

  update(part: string | Uint8Array, encoding?: "utf8"): this {
    this.#parts.push(typeof part === "string" ? Buffer.from(part, encoding) : part);
    return this;
  }

  digest(): Buffer;
  digest(encoding: "hex"): string;
  digest(encoding: "hex" | "buffer" = "buffer"): Buffer | string {
    const [first = Buffer.alloc(0)] = this.#parts;
    return hash("sha256", this.#parts.length === 1 ? first : Buffer.concat(this.#parts), encoding);
  }
}

export function createHash(algorithm: "sha256"): OneHash {
  assertKnown(algorithm);
  return new OneHash();
}

function assertKnown(algorithm: string): void {
  if (algorithm !== "sha256") throw new Error(`The simulator does not hash by ${algorithm}.`);
}

const privateKeys = new Map<string, KeyObject>();

export function createPrivateKey(input: PrivateKeyInput & { key: Buffer }): KeyObject {
  const name = input.key.toString("hex");
  const known = privateKeys.get(name) ?? privateKeyOf(input);
  privateKeys.set(name, known);
  return known;
}
