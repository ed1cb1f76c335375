import { decodeBase64url, decodeText, encodeText } from "./base64url.ts";
import { hmacSha256, hmacText, isMac } from "./hash.ts";
import type { Region } from "./queue/region.ts";

/*
 * Tickets and passes: `v1.<kid>.<base64url payload>.<base64url HMAC-SHA-256>`, the MAC over every
 * byte before it. Keys are found by `kid`, so that they rotate while a line stands.
 */

const VERSION = "v1";
/** A ticket is about 200 characters; anything longer is refused before it is parsed. */
const TOKEN_MAX_CHARACTERS = 600;
/** HMAC-SHA-256 keys shorter than its output weaken it (RFC 2104, section 3). */
const KEY_MIN_BYTES = 32;

/** Keys of sales and items that are remembered at once; beyond, all are derived anew. */
const DERIVED_MAX = 1_000;

/** What a derived key is used for; a token of one purpose never opens as another. */
export type KeyPurpose =
  | "ticket"
  | "pass"
  | "binding"
  | "network"
  | "origin"
  | "card"
  | "postal-address"
  | "order-id"
  | "access-token"
  | "live";

/** The signing keys: the first signs, all verify. Derived keys are remembered. */
export interface Keyring {
  signingKid: string;
  masters: ReadonlyMap<string, Uint8Array>;
  derived: Map<string, Uint8Array>;
}

/**
 * Reads `kid:base64url[,kid:base64url…]`, keys of 32 bytes or more.
 *
 * @throws Error that names the entry's position, never the key.
 */
export function parseKeyring(text: string): Keyring {
  const masters = new Map<string, Uint8Array>();
  for (const [index, entry] of text.split(",").entries()) {
    const [kid = "", encoded = "", rest] = entry.trim().split(":");
    const key = decodeBase64url(encoded);
    if (
      !/^[A-Za-z0-9_-]{1,32}$/.test(kid) ||
      !key ||
      key.length < KEY_MIN_BYTES ||
      rest !== undefined
    )
      throw new Error(
        `TOKEN_KEYS entry ${index + 1} is not "kid:base64url" with a key of ${KEY_MIN_BYTES} bytes or more.`,
      );
    if (masters.has(kid)) throw new Error(`TOKEN_KEYS entry ${index + 1} repeats a kid.`);
    masters.set(kid, key);
  }
  const signingKid = masters.keys().next().value ?? "";
  return { signingKid, masters, derived: new Map() };
}

/** The key of `kid` for one purpose (and one scope, such as a sale); `null` for an unknown `kid`. */
export function deriveKey(
  keyring: Keyring,
  kid: string,
  purpose: KeyPurpose,
  scope = "",
): Uint8Array | null {
  const name = `${kid}/${purpose}/${scope}`;
  const known = keyring.derived.get(name);
  if (known) return known;
  const master = keyring.masters.get(kid);
  if (!master) return null;
  const key = hmacSha256(master, `ropeline/${purpose}/${scope}`);
  if (scope !== "" && keyring.derived.size >= DERIVED_MAX) keyring.derived.clear();
  keyring.derived.set(name, key);
  return key;
}

function sealText(keyring: Keyring, purpose: KeyPurpose, payload: string): string {
  const head = `${VERSION}.${keyring.signingKid}.${encodeText(payload)}`;
  const key = deriveKey(keyring, keyring.signingKid, purpose);
  if (!key) throw new Error("The keyring is empty.");
  return `${head}.${hmacText(key, head)}`;
}

function openText(keyring: Keyring, purpose: KeyPurpose, token: string): unknown {
  if (token.length > TOKEN_MAX_CHARACTERS) return null;
  const [version, kid, payload, mac, rest] = token.split(".");
  if (version !== VERSION || kid === undefined || payload === undefined || mac === undefined)
    return null;
  if (rest !== undefined) return null;
  const key = deriveKey(keyring, kid, purpose);
  if (!key || !isMac(mac, key, token.slice(0, -mac.length - 1))) return null;
  // The MAC is over its text, so that it is what was encoded here, and no other text for the same bytes.
  return JSON.parse(decodeText(payload));
}

/** A place in line. `binding` ties it to one shopper of one sale without naming either person. */
export interface Ticket {
  saleId: string;
  lane: number;
  /** `null` for who entered early until the start gives the number. */
  number: number | null;
  arrivedAtMs: number;
  binding: string;
  /** Which early entrant this is, from 1; only in a sale that is shuffled at its start. */
  earlyIndex?: number;
}

/** The right to buy until `expiresAtMs`. */
export interface Pass {
  saleId: string;
  number: number;
  binding: string;
  claimedAtMs: number;
  expiresAtMs: number;
}

/** Signs a ticket. The same ticket and keys always give the same bytes. */
export function sealTicket(keyring: Keyring, ticket: Ticket): string {
  const { saleId, lane, number, arrivedAtMs, binding, earlyIndex } = ticket;
  const early = earlyIndex === undefined ? [] : [earlyIndex];
  return sealText(
    keyring,
    "ticket",
    JSON.stringify([saleId, lane, number, arrivedAtMs, binding, ...early]),
  );
}

/** Verifies and reads a ticket; `null` when it is not one of ours. */
export function openTicket(keyring: Keyring, token: string): Ticket | null {
  const fields = openText(keyring, "ticket", token) as
    | [string, number, number | null, number, string, number?]
    | null;
  if (!fields) return null;
  const [saleId, lane, number, arrivedAtMs, binding, earlyIndex] = fields;
  const ticket = { saleId, lane, number, arrivedAtMs, binding };
  return earlyIndex === undefined ? ticket : { ...ticket, earlyIndex };
}

/** Signs a pass. The same pass and keys always give the same bytes. */
export function sealPass(keyring: Keyring, pass: Pass): string {
  const { saleId, number, binding, claimedAtMs, expiresAtMs } = pass;
  return sealText(
    keyring,
    "pass",
    JSON.stringify([saleId, number, binding, claimedAtMs, expiresAtMs]),
  );
}

/** Verifies and reads a pass, expired or not; `null` when it is not one of ours. */
export function openPass(keyring: Keyring, token: string): Pass | null {
  const fields = openText(keyring, "pass", token) as
    | [string, number, string, number, number]
    | null;
  if (!fields) return null;
  const [saleId, number, binding, claimedAtMs, expiresAtMs] = fields;
  return { saleId, number, binding, claimedAtMs, expiresAtMs };
}

/** The right to open one socket of a sale until `expiresAtMs`. `nonce` tells it from every other. */
export interface LiveToken {
  saleId: string;
  binding: string;
  nonce: string;
  expiresAtMs: number;
  /** Where the socket is held. Said here, so that one object knows whether the token was used. */
  region: Region;
}

/** Signs the right to a socket. */
export function sealLiveToken(keyring: Keyring, token: LiveToken): string {
  const { saleId, binding, nonce, expiresAtMs, region } = token;
  return sealText(keyring, "live", JSON.stringify([saleId, binding, nonce, expiresAtMs, region]));
}

/** Verifies and reads the right to a socket, expired or not; `null` when it is not one of ours. */
export function openLiveToken(keyring: Keyring, token: string): LiveToken | null {
  const fields = openText(keyring, "live", token) as
    | [string, string, string, number, Region?]
    | null;
  if (!fields) return null;
  const [saleId, binding, nonce, expiresAtMs, region] = fields;
  // From before there were regions: 30 seconds ago at most, and the page asks for another.
  if (region === undefined) return null;
  return { saleId, binding, nonce, expiresAtMs, region };
}

/**
 * The shopper's binding in one sale: 22 base64url characters that say nothing about the shopper.
 * It must outlive key rotation, so it is made with the oldest key that is still listed last.
 */
export function shopperBinding(keyring: Keyring, saleId: string, subject: string): string {
  return keyedHash(keyring, "binding", saleId, subject);
}

/**
 * What stands for a network in one sale, where units are counted by network: 22 base64url characters, of
 * which nobody without the key finds out the address. It outlives key rotation as a binding does.
 */
export function networkHash(keyring: Keyring, saleId: string, network: string): string {
  return keyedHash(keyring, "network", saleId, network);
}

/**
 * The same for a network or a device in one chain of the books: what is in another chain cannot be compared with it.
 * The chain is hashed along, not made a key of: every purchase needs two of these.
 */
export function originHash(
  keyring: Keyring,
  chain: string,
  kind: "network" | "device",
  text: string,
): string {
  return keyedHash(keyring, "origin", "", JSON.stringify([chain, kind, text]));
}

/** The same for what stands for a card at its provider; of one item, since units are counted by item. */
export function cardHash(keyring: Keyring, sku: string, fingerprint: string): string {
  return keyedHash(keyring, "card", sku, fingerprint);
}

/** The same for a postal address, normalised. */
export function postalAddressHash(keyring: Keyring, sku: string, address: string): string {
  return keyedHash(keyring, "postal-address", sku, address);
}

function keyedHash(keyring: Keyring, purpose: KeyPurpose, scope: string, text: string): string {
  const kid = [...keyring.masters.keys()].at(-1) ?? "";
  const key = deriveKey(keyring, kid, purpose, scope);
  if (!key) throw new Error("The keyring is empty.");
  return hmacText(key, text).slice(0, 22);
}
