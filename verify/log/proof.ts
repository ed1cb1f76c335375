import { nodeHash } from "./tree.ts";

/*
 * What convinces somebody who has two heads and a path alone: RFC 9162, sections 2.1.3.2 and 2.1.4.2,
 * step by step.
 */

/** Whether the path leads from a leaf's hash at `index` to the head of a tree of `size`. */
export function provesInclusion(
  leaf: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  { size, head }: { size: number; head: Uint8Array },
): boolean {
  if (index < 0 || index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = halves(at, last);
    } else hash = nodeHash(hash, sibling);
    [at, last] = halves(at, last);
  }
  return last === 0 && Buffer.compare(hash, head) === 0;
}

/** Whether the path shows that the later tree begins with the earlier one. */
export function provesConsistency(
  earlier: { size: number; head: Uint8Array },
  later: { size: number; head: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  if (earlier.size > later.size) return false;
  // Everything begins with nothing, and with itself.
  if (earlier.size === 0) return path.length === 0;
  if (earlier.size === later.size)
    return path.length === 0 && Buffer.compare(earlier.head, later.head) === 0;
  const isPower = Number.isInteger(Math.log2(earlier.size));
  const [first, ...rest] = isPower ? [earlier.head, ...path] : path;
  if (!first || path.length === 0) return false;
  let [at, last] = [earlier.size - 1, later.size - 1];
  while (at % 2 === 1) [at, last] = halves(at, last);
  let [then, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      then = nodeHash(sibling, then);
      now = nodeHash(sibling, now);
      while (at % 2 === 0 && at !== 0) [at, last] = halves(at, last);
    } else now = nodeHash(now, sibling);
    [at, last] = halves(at, last);
  }
  const isSame = Buffer.compare(then, earlier.head) === 0 && Buffer.compare(now, later.head) === 0;
  return last === 0 && isSame;
}

function halves(at: number, last: number): [number, number] {
  return [Math.floor(at / 2), Math.floor(last / 2)];
}
