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

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

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

/** So many keyed hashes are kept; then they are worked out anew. */
const KNOWN_MAX = 20_000;

/** Keyed hashes by key and text: every poll brings the same ticket, and names the same shopper. */
const known = new Map<string, Buffer>();

/** One text under one key (RFC 2104). */
class OneHmac {
  readonly #key: Uint8Array;
  #text = "";

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  update(text: string, _encoding: "utf8"): this {
    this.#text += text;
    return this;
  }

  digest(): Buffer {
    const { buffer, byteOffset, byteLength } = this.#key;
    const key = Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
    const name = `${key.length} ${key}${this.#text}`;
    let digest = known.get(name);
    if (!digest) {
      if (known.size >= KNOWN_MAX) known.clear();
      known.set(name, (digest = this.#workOut()));
    }
    return Buffer.from(digest);
  }

  #workOut(): Buffer {
    const block = new Uint8Array(BLOCK_BYTES);
    const key = this.#key;
    block.set(key.length > BLOCK_BYTES ? new OneHash().update(key).digest() : key);
    const padded = (pad: number): OneHash => new OneHash().update(block.map((byte) => byte ^ pad));
    const inner = padded(INNER_PAD).update(this.#text, "utf8").digest();
    return padded(OUTER_PAD).update(inner).digest();
  }
}

export function createHmac(algorithm: "sha256", key: Uint8Array): OneHmac {
  assertKnown(algorithm);
  return new OneHmac(key);
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
