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

/** A key's two blocks (RFC 2104). */
interface Pads {
  inner: Uint8Array;
  outer: Uint8Array;
}

const pads = new WeakMap<Uint8Array, Pads>();

export function createHmac(
  algorithm: "sha256",
  key: Uint8Array,
): Pick<OneHash, "update" | "digest"> {
  assertKnown(algorithm);
  const known = pads.get(key) ?? padsOf(key);
  pads.set(key, known);
  return new OneHmac(known);
}

class OneHmac extends OneHash {
  readonly #outer: Uint8Array;

  constructor({ inner, outer }: Pads) {
    super();
    this.update(inner);
    this.#outer = outer;
  }

  override digest(): Buffer;
  override digest(encoding: "hex"): string;
  override digest(encoding: "hex" | "buffer" = "buffer"): Buffer | string {
    return hash("sha256", Buffer.concat([this.#outer, super.digest()]), encoding);
  }
}

function assertKnown(algorithm: string): void {
  if (algorithm !== "sha256") throw new Error(`The simulator does not hash by ${algorithm}.`);
}

function padsOf(key: Uint8Array): Pads {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? new OneHash().update(key).digest() : key);
  const padded = (pad: number): Uint8Array => block.map((byte) => byte ^ pad);
  return { inner: padded(INNER_PAD), outer: padded(OUTER_PAD) };
}

const privateKeys = new Map<string, KeyObject>();

export function createPrivateKey(input: PrivateKeyInput & { key: Buffer }): KeyObject {
  const name = input.key.toString("hex");
  const known = privateKeys.get(name) ?? privateKeyOf(input);
  privateKeys.set(name, known);
  return known;
}
