import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { HASH_BYTES } from "./tree.ts";
import { Unreadable } from "../finding.ts";

/*
 * C2SP signed-note and tlog-checkpoint: three lines or more (origin, size, head), an empty one, and
 * signatures, of which one has to be by a key that is known.
 */

const ED25519 = 1;
const KEY_ID_BYTES = 4;
const KEY_BYTES = 32;
/** What stands before the 32 bytes of a public key in SPKI (RFC 8410). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const NOTE_MAX_BYTES = 1_000_000;

/** A key that checkpoints are signed by, as `<name>+<key id>+<base64 of type and key>` tells it. */
export interface VerifierKey {
  name: string;
  /** Eight hex digits. */
  id: string;
  text: string;
  key: KeyObject;
}

/** What a checkpoint says. */
export interface Checkpoint {
  origin: string;
  size: number;
  head: Buffer;
  /** Which of the known keys signed it; `null`: none of them did. */
  signedBy: VerifierKey | null;
  text: string;
}

/** @throws Unreadable when it is no such key. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = "", id = "", encoded = ""] =
    /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = bytesOf(encoded);
  if (bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519)
    throw new Unreadable(`"${text.trim()}" is no key of the form <name>+<id>+<Ed25519 key>`);
  const digest = createHash("sha256").update(`${name}\n`).update(bytes).digest();
  if (digest.subarray(0, KEY_ID_BYTES).toString("hex") !== id)
    throw new Unreadable(`The id of the key "${text.trim()}" is not that of its name and bytes`);
  const key = createPublicKey({
    key: Buffer.concat([SPKI, bytes.subarray(1)]),
    format: "der",
    type: "spki",
  });
  return { name, id, text: text.trim(), key };
}

/** Reads keys, a line each. */
export function parseVerifierKeys(text: string): VerifierKey[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parseVerifierKey);
}

/** @throws Unreadable when it is no checkpoint; who signed it is for the caller to judge. */
export function openCheckpoint(text: string, keys: readonly VerifierKey[]): Checkpoint {
  const split = text.lastIndexOf("\n\n");
  const said = text.slice(0, split + 1);
  const [origin = "", sizeText = "", headText = ""] = said.split("\n");
  const head = bytesOf(headText);
  const size = Number(sizeText);
  const isRead =
    text.length <= NOTE_MAX_BYTES &&
    split > 0 &&
    text.endsWith("\n") &&
    origin !== "" &&
    /^(0|[1-9]\d{0,14})$/.test(sizeText) &&
    head?.length === HASH_BYTES;
  if (!isRead) throw new Unreadable("What should be a checkpoint is none: three lines, signed");
  const signatures = text.slice(split + 2).split("\n");
  const signedBy =
    keys.find(
      (key) =>
        key.name === origin && signatures.some((line) => isSignature(line, key, Buffer.from(said))),
    ) ?? null;
  return { origin, size, head, signedBy, text };
}

function isSignature(line: string, { name, id, key }: VerifierKey, said: Buffer): boolean {
  const [, by, encoded = ""] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = bytesOf(encoded);
  if (by !== name || bytes?.subarray(0, KEY_ID_BYTES).toString("hex") !== id) return false;
  return verify(null, said, key, bytes.subarray(KEY_ID_BYTES));
}

/** Base64 with its padding, as it is written and no other way; `null` for any other text. */
function bytesOf(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return text !== "" && bytes.toString("base64") === text ? bytes : null;
}
