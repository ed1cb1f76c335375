import { createHash } from "node:crypto";

/*
 * RFC 6962, section 2.1, as it is written there: recursive, over lists of entries, as slow as it is plain.
 * MTH is the head, PATH the inclusion proof, PROOF and SUBPROOF the consistency proof.
 */

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** "k be the largest power of two smaller than n". */
function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

export function MTH(D: readonly Uint8Array[]): Buffer {
  const [only] = D;
  if (only === undefined) return sha256();
  if (D.length === 1) return sha256(Buffer.of(0x00), only);
  const k = largestPowerBelow(D.length);
  return sha256(Buffer.of(0x01), MTH(D.slice(0, k)), MTH(D.slice(k)));
}

export function PATH(m: number, D: readonly Uint8Array[]): Buffer[] {
  if (D.length === 1) return [];
  const k = largestPowerBelow(D.length);
  return m < k
    ? [...PATH(m, D.slice(0, k)), MTH(D.slice(k))]
    : [...PATH(m - k, D.slice(k)), MTH(D.slice(0, k))];
}

export function PROOF(m: number, D: readonly Uint8Array[]): Buffer[] {
  return SUBPROOF(m, D, true);
}

function SUBPROOF(m: number, D: readonly Uint8Array[], b: boolean): Buffer[] {
  if (m === D.length) return b ? [] : [MTH(D)];
  const k = largestPowerBelow(D.length);
  return m <= k
    ? [...SUBPROOF(m, D.slice(0, k), b), MTH(D.slice(k))]
    : [...SUBPROOF(m - k, D.slice(k), false), MTH(D.slice(0, k))];
}
