import { decodeBase64url, encodeBase64url } from "../../../domain/base64url.ts";
import { equalBytes, hmacSha256 } from "../../../domain/hash.ts";
import type { Money } from "../../../domain/money.ts";

/** The page where the shopper of a sandbox payment acts. */
const BANK_PAGE = "/bank";
/** Half of an HMAC-SHA-256: nobody guesses it. */
const MAC_BYTES = 16;

/** What a shopper may answer at the bank. */
export type BankAnswer = "approve" | "decline";

/** A payment as the bank's page shows it. `closed`: it was given up before anybody answered. */
export interface BankView {
  orderId: string;
  total: Money;
  state: "open" | "approved" | "declined" | "closed";
}

/**
 * The address at which one attempt is answered. It is the only right to do so: `orderId:attempt` and a
 * MAC over it, under the sandbox's secret.
 */
export function bankUrl(secret: string, idempotencyKey: string): string {
  const challenge = `${idempotencyKey}.${encodeBase64url(macOf(secret, idempotencyKey))}`;
  return `${BANK_PAGE}?${new URLSearchParams({ challenge }).toString()}`;
}

/** The attempt that a challenge is about; `null` when it is not one of ours. */
export function openChallenge(secret: string, challenge: string): string | null {
  const at = challenge.lastIndexOf(".");
  const idempotencyKey = challenge.slice(0, Math.max(at, 0));
  const given = decodeBase64url(challenge.slice(at + 1));
  return given && equalBytes(given, macOf(secret, idempotencyKey)) ? idempotencyKey : null;
}

function macOf(secret: string, idempotencyKey: string): Uint8Array {
  const key = new TextEncoder().encode(secret);
  return hmacSha256(key, `bank challenge ${idempotencyKey}`).subarray(0, MAC_BYTES);
}
