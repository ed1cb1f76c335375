import { assert } from "../assert.ts";
import { hmacSha256 } from "../hash.ts";

/*
 * A keyed permutation of 1 to n, so that the place of each of a million early entrants is computed
 * from a seed by whoever wants to know it, and stored nowhere.
 *
 * A balanced Feistel network permutes the numbers of an even count of bits; what falls outside n is
 * permuted again until it falls inside (cycle walking: Black and Rogaway, "Ciphers with Arbitrary
 * Finite Domains", CT-RSA 2002). The shape is that of NIST SP 800-38G, with HMAC-SHA-256 as the round
 * function, keyed by the seed's UTF-8 bytes over `n/round/right half`, of which the low bits of the
 * first four bytes count.
 */

/** Luby and Rackoff need four; small domains want more, and SP 800-38G takes 8 (FF3-1) or 10 (FF1). */
const ROUNDS = 8;
/**
 * The domain is below 4n, so that a step stays outside with a chance below 3/4 and 512 in a row
 * with one below 1e-60; a domain of up to 512 numbers is walked through in fewer in any case.
 */
const WALK_MAX_STEPS = 512;
/** Halves of 12 bits: 4^12 is 16.8 million. */
export const PERMUTATION_MAX_COUNT = 10_000_000;

/**
 * Where the `index`-th of `count` stands in the permutation of this seed; all three from 1.
 *
 * @throws Error when the index is not a whole number from 1 to `count`, or `count` is above ten million.
 */
export function permute(seed: string, index: number, count: number): number {
  return walk(network(seed, count), index, count, forwards);
}

/**
 * The index that stands at `place`: the inverse of `permute`.
 *
 * @throws Error as `permute` does.
 */
export function unpermute(seed: string, place: number, count: number): number {
  return walk(network(seed, count), place, count, backwards);
}

/** The round function, and how wide a half of the domain is. */
interface Network {
  bits: number;
  round: (round: number, half: number) => number;
}

/** Places of one draw are asked for one after the other: its network, and the key in it, are made once. */
let latest: { seed: string; count: number; network: Network } | null = null;

function network(seed: string, count: number): Network {
  if (latest?.seed !== seed || latest.count !== count)
    latest = { seed, count, network: newNetwork(seed, count) };
  return latest.network;
}

function newNetwork(seed: string, count: number): Network {
  const key = new TextEncoder().encode(seed);
  let bits = 1;
  while (4 ** bits < count) bits += 1;
  const mask = 2 ** bits - 1;
  const round = (index: number, half: number): number => {
    const mac = hmacSha256(key, `${count}/${index}/${half}`);
    return new DataView(mac.buffer, mac.byteOffset).getUint32(0) & mask;
  };
  return { bits, round };
}

function walk(
  network: Network,
  start: number,
  count: number,
  step: (network: Network, value: number) => number,
): number {
  assert(
    Number.isInteger(count) && count <= PERMUTATION_MAX_COUNT,
    `${count} can be put in another order`,
  );
  assert(Number.isInteger(start) && start >= 1 && start <= count, `${start} is one of ${count}`);
  let value = start - 1;
  for (let steps = 0; steps < WALK_MAX_STEPS; steps++) {
    value = step(network, value);
    if (value < count) return value + 1;
  }
  throw new Error(`Invariant broken: a walk from ${start} of ${count} comes to its end`);
}

function forwards({ bits, round }: Network, value: number): number {
  let left = value >>> bits;
  let right = value & (2 ** bits - 1);
  for (let index = 0; index < ROUNDS; index++) [left, right] = [right, left ^ round(index, right)];
  return left * 2 ** bits + right;
}

function backwards({ bits, round }: Network, value: number): number {
  let left = value >>> bits;
  let right = value & (2 ** bits - 1);
  for (let index = ROUNDS - 1; index >= 0; index--)
    [left, right] = [right ^ round(index, left), left];
  return left * 2 ** bits + right;
}
