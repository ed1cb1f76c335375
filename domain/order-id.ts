import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { equalBytes, hmacSha256 } from "./hash.ts";
import { deriveKey, type Keyring } from "./token.ts";

/*
 * Order ids: `<sku>.<48 bits of time, 80 random bits>.<64-bit MAC>`. The id names the object that owns the
 * order, so no look-up table is needed, and the MAC keeps made-up ids away from that object. The time stands in
 * front as in a UUID of version 7 (RFC 9562): orders of a moment are neighbours in every index over their ids, and
 * a commit writes a few of its pages, not one for each order.
 */

/** Half an HMAC-SHA-256 quarter: 2^64 guesses, each of them a request. */
const MAC_BYTES = 8;
/** Milliseconds since 1970, for some thousand years. */
const TIME_BYTES = 6;
/** Random part of an order id: unique without coordination, also among those of one millisecond. */
export const ORDER_ID_RANDOM_BYTES = 10;

function macOf(keyring: Keyring, kid: string, head: string): Uint8Array | null {
  const key = deriveKey(keyring, kid, "order-id");
  return key && hmacSha256(key, head).subarray(0, MAC_BYTES);
}

/** Makes an order id for `sku` from a time and 10 random bytes. */
export function sealOrderId(
  keyring: Keyring,
  sku: string,
  nowMs: number,
  random: Uint8Array,
): string {
  const head = `${sku}.${encodeBase64url(dated(nowMs, random))}`;
  const mac = macOf(keyring, keyring.signingKid, head);
  if (!mac) throw new Error("The keyring is empty.");
  return `${head}.${encodeBase64url(mac)}`;
}

/** The SKU that an order id names; `null` when the id is not one of ours. */
export function openOrderId(keyring: Keyring, orderId: string): string | null {
  const [sku, random, mac, rest] = orderId.split(".");
  if (sku === undefined || random === undefined || mac === undefined || rest !== undefined)
    return null;
  const given = decodeBase64url(mac);
  if (!given) return null;
  for (const kid of keyring.masters.keys()) {
    const expected = macOf(keyring, kid, `${sku}.${random}`);
    if (expected && equalBytes(expected, given)) return sku;
  }
  return null;
}

/** The bytes with the time before them, the most significant byte first. */
function dated(nowMs: number, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(TIME_BYTES + bytes.length);
  for (let at = TIME_BYTES - 1, rest = nowMs; at >= 0; at -= 1, rest = Math.floor(rest / 256))
    all[at] = rest % 256;
  all.set(bytes, TIME_BYTES);
  return all;
}
