import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { LocalError, errorCode } from "./local-error.ts";

/** 256 bits: the strength of the MAC that the key is for. */
const TOKEN_KEY_BYTES = 32;

/** 192 bits: beyond guessing, and short enough to copy from a terminal. */
const ADMIN_TOKEN_BYTES = 24;

/** 256 bits: what the sandbox signs its webhooks with. */
const WEBHOOK_SECRET_BYTES = 32;

/** What an Ed25519 key is made from (RFC 8032). */
const LOG_SEED_BYTES = 32;

/** Readable and writable by the owner alone. */
const SECRET_FILE_MODE = 0o600;

/** Signing keys as the Workers read them: one fresh random key named `k1`. */
export function makeTokenKeys(): string {
  return `k1:${randomBytes(TOKEN_KEY_BYTES).toString("base64url")}`;
}

/** Keys of public logs as the waiting room reads them: one fresh seed named `l1`. */
export function makeLogKeys(): string {
  return `l1:${randomBytes(LOG_SEED_BYTES).toString("base64url")}`;
}

/** A fresh random admin token. */
export function makeAdminToken(): string {
  return randomBytes(ADMIN_TOKEN_BYTES).toString("base64url");
}

/** A fresh random secret for webhooks, as the Standard Webhooks write it. */
export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(WEBHOOK_SECRET_BYTES).toString("base64")}`;
}

/**
 * Loads the signing keys from a JSON file `{"TOKEN_KEYS": …}`, made with fresh keys where it is
 * missing.
 *
 * @throws LocalError when the file does not hold keys.
 */
export async function loadTokenKeys(path: string): Promise<string> {
  const kept = await readIfPresent(path);
  if (kept !== undefined) return parseTokenKeys(kept, path);
  const tokenKeys = makeTokenKeys();
  await writeSecretFile(path, `${JSON.stringify({ TOKEN_KEYS: tokenKeys }, null, 2)}\n`);
  return tokenKeys;
}

/** Loads the admin token from a file of one line, made where it is missing or empty. */
export function loadAdminToken(path: string): Promise<string> {
  return loadLine(path, makeAdminToken);
}

/** Loads the secret of the sandbox's webhooks in the same way. */
export function loadWebhookSecret(path: string): Promise<string> {
  return loadLine(path, makeWebhookSecret);
}

/** Loads the keys that sign the heads of public logs in the same way. */
export function loadLogKeys(path: string): Promise<string> {
  return loadLine(path, makeLogKeys);
}

async function loadLine(path: string, make: () => string): Promise<string> {
  const kept = (await readIfPresent(path))?.trim();
  if (kept !== undefined && kept !== "") return kept;
  const made = make();
  await writeSecretFile(path, `${made}\n`);
  return made;
}

/** Writes a file that only its owner can read; whole or, after a crash, not at all. */
export async function writeSecretFile(path: string, contents: string): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, contents, { mode: SECRET_FILE_MODE });
  await rename(unfinished, path);
}

/** The text of a file, or undefined where there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseTokenKeys(text: string, path: string): string {
  const value = parseJson(text);
  const holdsKeys = typeof value === "object" && value !== null && "TOKEN_KEYS" in value;
  if (holdsKeys && typeof value.TOKEN_KEYS === "string") return value.TOKEN_KEYS;
  throw new LocalError(`${path} is damaged. Restore it, or start over with: npm start -- --fresh`);
}

/** The value that a text stands for, or undefined when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
