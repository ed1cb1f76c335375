import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { equalBytes, hmacSha256 } from "./hash.ts";
import { deriveKey, type Keyring } from "./token.ts";

/*
 * Order ids: `<sku>.<128 random bits>.<64-bit MAC>`. The id names the object that owns the order, so
 * no look-up table is needed, and the MAC keeps made-up ids away from that object.
 */

/** Half an HMAC-SHA-256 quarter: 2^64 guesses, each of them a request. */
const MAC_BYTES = 8;
/** Random part of an order id: unique without coordination. */
export const ORDER_ID_RANDOM_BYTES = 16;

function macOf(keyring: Keyring, kid: string, head: string): Uint8Array | null {
  const key = deriveKey(keyring, kid, "order-id");
  return key && hmacSha256(key, head).subarray(0, MAC_BYTES);
}

/** Makes an order id for `sku` from 16 random bytes. */
export function sealOrderId(keyring: Keyring, sku: string, random: Uint8Array): string {
  const head = `${sku}.${encodeBase64url(random)}`;
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
