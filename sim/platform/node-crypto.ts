import { createHmac as hmacOf, createSecretKey, type Hmac, type KeyObject } from "node:crypto";

export { createHash, createPrivateKey, createPublicKey, sign, timingSafeEqual } from "node:crypto";

/** Node makes an object of every key that it is given, which takes three times as long as the hash itself. */
const keys = new WeakMap<Uint8Array, KeyObject>();

/** Node's own, with the objects of keys kept. */
export function createHmac(algorithm: string, key: Uint8Array): Hmac {
  const known = keys.get(key) ?? createSecretKey(key);
  keys.set(key, known);
  return hmacOf(algorithm, known);
}
