import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";
import { encodeBase64url, encodeHex } from "./base64url.ts";
import { hmac, sha256 } from "./sha256.ts";

/*
 * What hashes texts, and signs. All of it is synchronous: WebCrypto completes in any order, which would make a simulated history
 * unrepeatable. Short texts are hashed by sha256.ts, since every hash of `node:crypto` makes a stream in workerd.
 */

/** Longer texts are hashed sooner by the runtime, stream and all. */
const SHORT_CHARACTERS = 4_000;
const UTF_8 = new TextEncoder();
/** Of a UTF-16 unit. */
const UTF_8_MAX_BYTES = 3;

/** SHA-256 of a UTF-8 text as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  if (text.length > SHORT_CHARACTERS)
    return createHash("sha256").update(text, "utf8").digest("hex");
  return encodeHex(sha256(bytesOf(text)));
}

/** HMAC-SHA-256 of a UTF-8 text: 32 bytes. */
export function hmacSha256(key: Uint8Array, text: string): Uint8Array {
  return hmac(key, bytesOf(text));
}

/** Used by one call after the other: nothing here waits. */
const scratch = new Uint8Array(SHORT_CHARACTERS * UTF_8_MAX_BYTES);

/** A text as UTF-8, good until the next one; what is longer than usual has bytes of its own. */
function bytesOf(text: string): Uint8Array {
  if (text.length > SHORT_CHARACTERS) return UTF_8.encode(text);
  return scratch.subarray(0, UTF_8.encodeInto(text, scratch).written);
}

/** The same as unpadded base64url (RFC 4648, section 5). */
export function hmacText(key: Uint8Array, text: string): string {
  return encodeBase64url(hmacSha256(key, text));
}

/** 32 bytes in base64url. */
const MAC_CHARACTERS = 43;
/** Used by one call after the other: nothing here waits. */
const given = new Uint8Array(MAC_CHARACTERS);
const expected = new Uint8Array(MAC_CHARACTERS);

/**
 * Whether `mac` is what `hmacText` says of this text, character by character: of several texts that decode to the
 * same bytes one is right. Compares in constant time.
 */
export function isMac(mac: string, key: Uint8Array, text: string): boolean {
  if (mac.length !== MAC_CHARACTERS) return false;
  UTF_8.encodeInto(hmacText(key, text), expected);
  // What is not ASCII takes more room than there is: then not all of it is read.
  const { read } = UTF_8.encodeInto(mac, given);
  return read === MAC_CHARACTERS && timingSafeEqual(given, expected);
}

/** Compares in constant time; texts of different length are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What stands before the 32 bytes of a seed in PKCS #8, and is the same for all of them (RFC 8410). */
const ED25519_PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** And the public key is the last 32 bytes of its SPKI. */
const ED25519_BYTES = 32;

/** The Ed25519 signature of a message: 64 bytes, the same each time (RFC 8032). `secret` is the seed of 32 bytes. */
export function ed25519Sign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(null, message, privateKey(secret));
}

/** The public key of a seed: 32 bytes. */
export function ed25519PublicKey(secret: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(secret)).export({ format: "der", type: "spki" });
  return spki.subarray(-ED25519_BYTES);
}

/** To make a key of a seed costs as much as to sign with it. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>();

function privateKey(secret: Uint8Array): KeyObject {
  const known = privateKeys.get(secret);
  if (known) return known;
  const key = Buffer.concat([ED25519_PKCS8, secret]);
  const made = createPrivateKey({ key, format: "der", type: "pkcs8" });
  privateKeys.set(secret, made);
  return made;
}
