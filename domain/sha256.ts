/*
 * SHA-256 (FIPS 180-4) of what is short and hashed by the hundred thousand: tokens, entries and nodes of public
 * logs, ties among joins. In workerd a call of the runtime's own costs many times as much as these rounds. They add and rotate
 * words and look nothing up: which steps are taken depends on the length alone, never on a key or a text.
 */

const BLOCK_BYTES = 64;
const ROUNDS = 64;
const WORDS = 8;
const WORD_BYTES = 4;
/** What stands behind the bytes that are hashed: a bit that is one, and their length. */
const PADDING_MIN_BYTES = 9;

/** The first primes: 311 is the 64th. */
const PRIMES = Array.from({ length: 310 }, (_, index) => index + 2).filter((number, _, all) =>
  all.every((other) => other >= number || number % other > 0),
);
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fractionOf(Math.cbrt(prime)));
const INITIAL = Int32Array.from(PRIMES.slice(0, WORDS), (prime) => fractionOf(Math.sqrt(prime)));

/** Used by one call after the other: nothing here waits. */
const state = new Int32Array(WORDS);
const schedule = new Int32Array(ROUNDS);
let padded = new Uint8Array(WORDS * BLOCK_BYTES);
let words = new DataView(padded.buffer);

/** The first 32 bits of what stands behind the point. */
function fractionOf(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}

/** SHA-256 of these bytes, one part after the other: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return hashed(INITIAL, 0, parts);
}

/** The hash of these parts behind so many bytes, whole blocks that have come to a state already. */
function hashed(before: Int32Array, bytesBefore: number, parts: readonly Uint8Array[]): Uint8Array {
  const end = pad(parts, bytesBefore);
  state.set(before);
  for (let at = 0; at < end; at += BLOCK_BYTES) compress(at);
  const digest = new Uint8Array(WORDS * WORD_BYTES);
  for (let i = 0, at = 0; i < WORDS; i++) {
    const value = word(state, i);
    digest[at++] = value >>> 24;
    digest[at++] = value >>> 16;
    digest[at++] = value >>> 8;
    digest[at++] = value;
  }
  return digest;
}

/** What a key comes to before the text and before that's hash; remembered while the key is in use. */
const keyed = new WeakMap<Uint8Array, { inner: Int32Array; outer: Int32Array }>();
const INNER_BYTE = 0x36;
const OUTER_BYTE = 0x5c;

/**
 * HMAC-SHA-256 (RFC 2104) of these bytes: 32 bytes. A key is never changed in its place: the block that it is before each
 * text is hashed once, which halves the work for a short one.
 */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  let states = keyed.get(key);
  if (!states) {
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(key.length > BLOCK_BYTES ? sha256(key) : key);
    const after = (byte: number): Int32Array => stateAfter(block.map((own) => own ^ byte));
    states = { inner: after(INNER_BYTE), outer: after(OUTER_BYTE) };
    keyed.set(key, states);
  }
  const inner = hashed(states.inner, BLOCK_BYTES, [message]);
  return hashed(states.outer, BLOCK_BYTES, [inner]);
}

/** The state that a block leads to from the beginning. */
function stateAfter(block: Uint8Array): Int32Array {
  padded.set(block);
  state.set(INITIAL);
  compress(0);
  return state.slice();
}

/** Writes the parts, which stand behind so many bytes, and their padding into `padded`; up to where. */
function pad(parts: readonly Uint8Array[], bytesBefore: number): number {
  let length = 0;
  for (const part of parts) length += part.length;
  const end = Math.ceil((length + PADDING_MIN_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  if (end > padded.length) {
    padded = new Uint8Array(end);
    words = new DataView(padded.buffer);
  }
  let at = 0;
  for (const part of parts) {
    padded.set(part, at);
    at += part.length;
  }
  padded.fill(0, at, end);
  padded[at] = 0x80;
  words.setUint32(end - WORD_BYTES, (bytesBefore + length) * 8);
  return end;
}

/** Takes in one block. */
function compress(from: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = words.getInt32(from + i * WORD_BYTES);
  for (let i = 16; i < ROUNDS; i++) {
    const early = word(schedule, i - 15);
    const late = word(schedule, i - 2);
    const s0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const s1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    // Sums are cut to 32 bits on the way: they stay small integers of the machine's.
    schedule[i] = ((word(schedule, i - 16) + s0) | 0) + ((word(schedule, i - 7) + s1) | 0);
  }
  let a = word(state, 0);
  let b = word(state, 1);
  let c = word(state, 2);
  let d = word(state, 3);
  let e = word(state, 4);
  let f = word(state, 5);
  let g = word(state, 6);
  let h = word(state, 7);
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = g ^ (e & (f ^ g));
    const added = (word(CONSTANTS, i) + word(schedule, i)) | 0;
    const one = (((h + s1) | 0) + ((choice + added) | 0)) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) ^ (c & (a ^ b));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + ((s0 + majority) | 0)) | 0;
  }
  state[0] = word(state, 0) + a;
  state[1] = word(state, 1) + b;
  state[2] = word(state, 2) + c;
  state[3] = word(state, 3) + d;
  state[4] = word(state, 4) + e;
  state[5] = word(state, 5) + f;
  state[6] = word(state, 6) + g;
  state[7] = word(state, 7) + h;
}

/** A word that is there. */
function word(words: Int32Array, index: number): number {
  return words[index] as number;
}

function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
