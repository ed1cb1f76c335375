import { decodeBase64url, encodeHex } from "../base64url.ts";
import { ed25519PublicKey, ed25519Sign } from "../hash.ts";
import { sha256 } from "../sha256.ts";

/*
 * Checkpoints (C2SP tlog-checkpoint) as signed notes (C2SP signed-note): three lines, an empty one, and a
 * signature by Ed25519 (RFC 8032), which is the same however often it is made.
 */

const ED25519 = Uint8Array.of(1);
const KEY_ID_BYTES = 4;
const SEED_BYTES = 32;

/** A head of a log: what a checkpoint says. */
export interface LogHead {
  size: number;
  head: Uint8Array;
}

/** A key that signs checkpoints. */
export interface LogKey {
  kid: string;
  /** The seed of RFC 8032, 32 bytes. */
  secret: Uint8Array;
  publicKey: Uint8Array;
}

/** The keys of a shop's logs, by kid: the first signs what is new, all are published. */
export type LogKeys = ReadonlyMap<string, LogKey>;

/**
 * Reads `kid:base64url[,kid:base64url…]`, seeds of 32 bytes.
 *
 * @throws Error that names the entry's position, never the key.
 */
export function parseLogKeys(text: string): LogKeys {
  const known = parsed?.text === text ? parsed.keys : null;
  if (known) return known;
  const keys = readLogKeys(text);
  parsed = { text, keys };
  return keys;
}

/** Every sequencer that wakes in an isolate reads the same ones. */
let parsed: { text: string; keys: LogKeys } | null = null;

function readLogKeys(text: string): LogKeys {
  const keys = new Map<string, LogKey>();
  for (const [index, entry] of text.split(",").entries()) {
    const [kid = "", encoded = "", rest] = entry.trim().split(":");
    const secret = decodeBase64url(encoded);
    const isKey = /^[A-Za-z0-9_-]{1,32}$/.test(kid) && secret?.length === SEED_BYTES;
    if (!isKey || !secret || rest !== undefined || keys.has(kid))
      throw new Error(
        `LOG_KEYS entry ${index + 1} is not "kid:base64url" with a seed of ${SEED_BYTES} bytes and a kid of its own.`,
      );
    keys.set(kid, { kid, secret, publicKey: ed25519PublicKey(secret) });
  }
  return keys;
}

/** What names a sale's log among all there are. A sale's id may have characters that a key's name may not. */
export function logOrigin(shop: string, saleId: string): string {
  return `${shop}/sales/${encodeURIComponent(saleId)}`;
}

/** The part of a ticket's binding that the log tells: nobody finds out the one from the other. */
export function logBinding(saleId: string, binding: string): string {
  return encodeHex(sha256(new TextEncoder().encode(`${saleId}/${binding}`)));
}

/** The name and key by which tools know who signs: `<name>+<key id>+<type and key>`. */
export function verifierKey(origin: string, { publicKey }: Pick<LogKey, "publicKey">): string {
  const id = encodeHex(keyId(origin, publicKey));
  return `${origin}+${id}+${base64(ED25519, publicKey)}`;
}

/** A signed checkpoint. */
export function signCheckpoint(origin: string, { size, head }: LogHead, key: LogKey): string {
  const text = `${origin}\n${size}\n${base64(head)}\n`;
  const signature = ed25519Sign(key.secret, Buffer.from(text, "utf8"));
  return `${text}\n— ${origin} ${base64(keyId(origin, key.publicKey), signature)}\n`;
}

function keyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(Buffer.from(`${name}\n`, "utf8"), ED25519, publicKey).subarray(0, KEY_ID_BYTES);
}

function base64(...parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString("base64");
}
