import {
  decodeBase64url,
  decodeText,
  encodeBase64url,
  encodeText,
} from "../../domain/base64url.ts";
import { hmacText, isMac } from "../../domain/hash.ts";
import { deriveKey, type Keyring } from "../../domain/token.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";

/** What a person may do beside shopping. */
export type Role = "viewer" | "operator" | "admin";

/** Who an access token speaks for. */
export interface Identity {
  /** `g_…` for guests. */
  subject: string;
  roles: readonly string[];
  expiresAtMs: number;
}

/** Guests keep their token for a day; there is nothing to refresh. */
export const GUEST_TOKEN_SECONDS = 24 * 60 * 60;

const ALGORITHM = "HS256";
const TYPE = "at+jwt";
const ISSUER = "ropeline";
const AUDIENCE = "ropeline";
const GUEST_PREFIX = "g_";
/** 22 base64url characters: subjects never meet by chance. */
const GUEST_ID_BYTES = 16;
/** A guest's token is about 300 characters; anything much longer is refused before it is parsed. */
const TOKEN_MAX_CHARACTERS = 2_000;
/** A few keys are in use at a time; what is beyond is read each time. */
const HEADERS_MAX = 100;

/** Claims of a token, as somebody wrote them (RFC 7519, section 4.1; RFC 9068, section 2.2.3.1). */
type Claims = Partial<Record<"iss" | "aud" | "sub" | "exp" | "nbf" | "roles", unknown>>;

/** Makes the token of a new anonymous shopper, and says what verifying it will say. */
export function signGuestToken(
  keyring: Keyring,
  runtime: Runtime,
): { token: string; identity: Identity } {
  const subject = GUEST_PREFIX + encodeBase64url(runtime.randomBytes(GUEST_ID_BYTES));
  const nowMs = runtime.now();
  const token = signAccessToken(keyring, subject, [], GUEST_TOKEN_SECONDS, nowMs);
  const expiresAtMs = (Math.floor(nowMs / 1000) + GUEST_TOKEN_SECONDS) * 1000;
  return { token, identity: { subject, roles: [], expiresAtMs } };
}

/** Signs an access token (a JWT, RFC 9068) with the newest key. */
export function signAccessToken(
  keyring: Keyring,
  subject: string,
  roles: readonly string[],
  lifeSeconds: number,
  nowMs: number,
): string {
  const kid = keyring.signingKid;
  const key = deriveKey(keyring, kid, "access-token");
  if (!key) throw new Error("The keyring is empty.");
  const iat = Math.floor(nowMs / 1000);
  const exp = iat + lifeSeconds;
  const claims = encodeText(
    JSON.stringify({ roles, iss: ISSUER, aud: AUDIENCE, sub: subject, iat, exp }),
  );
  const header = encodeText(JSON.stringify({ alg: ALGORITHM, typ: TYPE, kid }));
  const signed = `${header}.${claims}`;
  return `${signed}.${hmacText(key, signed)}`;
}

/**
 * Verifies an access token: our key, our algorithm, our issuer, for us, not over; `null` otherwise. By our own
 * HMAC and not by `jose`, which imports the key anew for every token and waits for WebCrypto twice: a shopper's first
 * calls are those that come with the crowd.
 */
export function verifyAccessToken(keyring: Keyring, token: string, nowMs: number): Identity | null {
  if (token.length > TOKEN_MAX_CHARACTERS) return null;
  const claimsAt = token.indexOf(".") + 1;
  const macAt = token.lastIndexOf(".") + 1;
  if (claimsAt === macAt) return null;
  const header = token.slice(0, claimsAt - 1);
  const known = kids.get(header);
  const kid = known ?? kidOf(header);
  const key = kid === null ? null : deriveKey(keyring, kid, "access-token");
  if (!key || !isMac(token.slice(macAt), key, token.slice(0, macAt - 1))) return null;
  if (known === undefined && kid !== null && kids.size < HEADERS_MAX) kids.set(header, kid);
  const claims = JSON.parse(decodeText(token.slice(claimsAt, macAt - 1))) as Claims;
  return identityOf(claims, nowMs);
}

/** The keys that headers of genuine tokens name: ours differ by nothing else. */
const kids = new Map<string, string>();

/** The key that a header names, if it is one of ours (RFC 7515, section 4.1; RFC 9068, section 2.1). */
function kidOf(header: string): string | null {
  const { alg, typ, kid, crit } = readJsonPart(header) ?? {};
  const isOurs = alg === ALGORITHM && typ === TYPE && crit === undefined;
  return isOurs && typeof kid === "string" ? kid : null;
}

/** A part of a token as the JSON object that it encodes; `null` when it does not. */
function readJsonPart(part: string): Record<string, unknown> | null {
  const bytes = decodeBase64url(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Whether the shopper is anonymous. */
export function isGuest({ subject }: Identity): boolean {
  return subject.startsWith(GUEST_PREFIX);
}

function identityOf(claims: Claims, nowMs: number): Identity | null {
  const { iss, aud, sub, exp, nbf, roles } = claims;
  if (iss !== ISSUER || aud !== AUDIENCE || typeof sub !== "string" || sub === "") return null;
  const nowSeconds = Math.floor(nowMs / 1000);
  if (typeof exp !== "number" || exp <= nowSeconds) return null;
  if (nbf !== undefined && (typeof nbf !== "number" || nbf > nowSeconds)) return null;
  const named = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
  return { subject: sub, roles: named, expiresAtMs: exp * 1000 };
}
