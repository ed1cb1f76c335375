import { equalBytes, hmacSha256 } from "../../../domain/hash.ts";
import type { Webhook } from "./provider.ts";

/*
 * Signatures as the Standard Webhooks have them, symmetric, version 1 (github.com/standard-webhooks,
 * spec/standard-webhooks.md): HMAC-SHA-256 over `id.timestamp.body`, base64.
 */

/** A webhook that is older, or that far in the future, may be a replay. */
export const WEBHOOK_TOLERANCE_MS = 5 * 60_000;
/** Signatures of one webhook that are looked at: the old and the new secret of a rotation, and some. */
const SIGNATURES_MAX = 8;
const SECRET_PREFIX = "whsec_";
/** Seconds since the epoch. */
const TIMESTAMP = /^\d{1,12}$/;

/** The headers that sign a body. `secret` is base64, with or without `whsec_` before it. */
export function signWebhook(
  secret: string,
  id: string,
  sentAtMs: number,
  body: string,
): Webhook["headers"] {
  const timestamp = String(Math.floor(sentAtMs / 1000));
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signatureOf(secret, id, timestamp, body)}`,
  };
}

/** Why a webhook is not to be believed; its id when it is. */
export function verifyWebhook(
  secret: string,
  { body, headers }: Webhook,
  nowMs: number,
): { ok: true; id: string } | { ok: false; why: string } {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const signatures = headers["webhook-signature"] ?? "";
  if (id === "" || timestamp === "" || signatures === "")
    return no("It is unsigned: it needs webhook-id, webhook-timestamp and webhook-signature.");
  if (!TIMESTAMP.test(timestamp)) return no("webhook-timestamp has to be seconds since the epoch.");
  const ageMs = nowMs - Number(timestamp) * 1000;
  if (ageMs > WEBHOOK_TOLERANCE_MS) return no("It is older than five minutes: send it anew.");
  if (ageMs < -WEBHOOK_TOLERANCE_MS)
    return no("It is dated more than five minutes ahead: set the sender's clock.");
  const expected = Buffer.from(`v1,${signatureOf(secret, id, timestamp, body)}`);
  const isSigned = signatures
    .split(" ", SIGNATURES_MAX)
    .some((signature) => equalBytes(Buffer.from(signature), expected));
  return isSigned
    ? { ok: true, id }
    : no("No signature fits: another secret signed it, or its body was changed on the way.");
}

function signatureOf(secret: string, id: string, timestamp: string, body: string): string {
  const bare = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  const key = Buffer.from(bare, "base64");
  if (key.length === 0) throw new Error("The secret of the webhooks is empty or not base64.");
  return Buffer.from(hmacSha256(key, `${id}.${timestamp}.${body}`)).toString("base64");
}

function no(why: string): { ok: false; why: string } {
  return { ok: false, why };
}
