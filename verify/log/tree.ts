import { createHash } from "node:crypto";

/*
 * The Merkle tree of RFC 6962, section 2.1 (RFC 9162 tells the same): the hashes of all its perfect
 * subtrees, so that the head of every size it ever had, and every proof, is put together from them.
 */

export const HASH_BYTES = 32;
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
const FIRST_HASHES = 1024;

/** The hash of an entry. */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash("sha256").update(LEAF).update(entry).digest();
}

/** The hash of two hashes, the left one first. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash("sha256").update(NODE).update(left).update(right).digest();
}

/** Hashes of one height, one after the other. */
class Row {
  #bytes = Buffer.alloc(FIRST_HASHES * HASH_BYTES);
  count = 0;

  push(hash: Uint8Array): void {
    const at = this.count * HASH_BYTES;
    if (at === this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    this.#bytes.set(hash, at);
    this.count += 1;
  }

  slice(first: number, count = 1): Buffer {
    return this.#bytes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES);
  }
}

/** A tree that grows at its end. */
export class MerkleTree {
  /** By height: row 0 has the leaves, row h the heads of 2^h leaves each. */
  readonly #rows: Row[] = [new Row()];

  get size(): number {
    return this.#rows[0]?.count ?? 0;
  }

  /** Adds the hash of a leaf. */
  push(leaf: Uint8Array): void {
    let hash = leaf;
    for (let height = 0; ; height++) {
      const row = (this.#rows[height] ??= new Row());
      row.push(hash);
      if (row.count % 2 === 1) return;
      hash = nodeHash(row.slice(row.count - 2), row.slice(row.count - 1));
    }
  }

  /** Hashes of 2^height leaves each, side by side: what a tile has. */
  hashes(height: number, first: number, count: number): Buffer {
    return this.#rows[height]?.slice(first, count) ?? Buffer.alloc(0);
  }

  /** The head of the first `size` leaves; of none, the hash of nothing. */
  head(size = this.size): Buffer {
    return size === 0 ? createHash("sha256").digest() : this.#headOf(0, size);
  }

  /** RFC 6962, section 2.1.1: the hashes that lead from a leaf to the head of the first `size`. */
  inclusionProof(index: number, size: number): Buffer[] {
    const path: Buffer[] = [];
    let [first, count, at] = [0, size, index];
    while (count > 1) {
      const left = splitOf(count);
      if (at < left) {
        path.unshift(this.#headOf(first + left, count - left));
        count = left;
      } else {
        path.unshift(this.#headOf(first, left));
        [first, count, at] = [first + left, count - left, at - left];
      }
    }
    return path;
  }

  /** RFC 6962, section 2.1.2: that the first `sizeThen` of `size` leaves are the beginning of them. */
  consistencyProof(sizeThen: number, size: number): Buffer[] {
    if (sizeThen === 0) return [];
    const path: Buffer[] = [];
    let [first, count, then] = [0, size, sizeThen];
    let isWhole = true;
    while (then < count) {
      const left = splitOf(count);
      if (then <= left) {
        path.unshift(this.#headOf(first + left, count - left));
        count = left;
      } else {
        path.unshift(this.#headOf(first, left));
        [first, count, then] = [first + left, count - left, then - left];
        isWhole = false;
      }
    }
    return isWhole ? path : [this.#headOf(first, count), ...path];
  }

  /** The head of `count` leaves from `first` on, which lies on a boundary of its subtree. */
  #headOf(first: number, count: number): Buffer {
    const height = Math.log2(count);
    if (Number.isInteger(height)) return this.hashes(height, first / count, 1);
    const left = splitOf(count);
    return nodeHash(this.#headOf(first, left), this.#headOf(first + left, count - left));
  }
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1);
}
