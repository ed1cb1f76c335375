import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/*
 * The one place that hashes. `node:crypto` is synchronous: WebCrypto completes in any order, which
 * would make a simulated history unrepeatable, and it costs about the same in workerd.
 */

/** SHA-256 of a UTF-8 text as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** HMAC-SHA-256 of a UTF-8 text: 32 bytes. */
export function hmacSha256(key: Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text, "utf8").digest();
}

/** Compares in constant time; texts of different length are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
