import { createHmac } from "node:crypto";

/*
 * The keyed permutation of 1 to n by which places are drawn: eight rounds of a balanced Feistel network
 * over the fewest even bits that hold n numbers, from 0, and again until the result is below n. The round
 * function is HMAC-SHA-256, keyed by the seed's text, of `n/round/right half`; the low bits of its first
 * four bytes count.
 */

const ROUNDS = 8;

/** Every place of 1 to `count` by its index from 1; entry 0 is not used. */
export function permutation(seed: string, count: number): Int32Array {
  let bits = 1;
  while (4 ** bits < count) bits += 1;
  const halves = 2 ** bits;
  // Each round is asked for the same few halves again and again.
  const rounds = Array.from({ length: ROUNDS }, (_, round) =>
    Int32Array.from({ length: halves }, (_, half) => {
      const mac = createHmac("sha256", seed).update(`${count}/${round}/${half}`).digest();
      return mac.readUInt32BE(0) % halves;
    }),
  );
  const step = (value: number): number => {
    let [left, right] = [Math.floor(value / halves), value % halves];
    for (const round of rounds) [left, right] = [right, left ^ (round[right] ?? 0)];
    return left * halves + right;
  };
  const places = new Int32Array(count + 1);
  for (let index = 1; index <= count; index++) {
    let place = step(index - 1);
    while (place >= count) place = step(place);
    places[index] = place + 1;
  }
  return places;
}

/** Whether these are 1 to n, each once. */
export function isPermutation(places: Int32Array): boolean {
  const seen = new Uint8Array(places.length);
  for (const place of places.subarray(1)) {
    if (place < 1 || place >= places.length || seen[place] === 1) return false;
    seen[place] = 1;
  }
  return true;
}
