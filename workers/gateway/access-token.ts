import { jwtVerify, SignJWT, type JWTPayload } from "jose";
import { encodeBase64url } from "../../domain/base64url.ts";
import { dateAt } from "../../domain/time.ts";
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

/** Makes the token of a new anonymous shopper, and says what verifying it will say. */
export async function signGuestToken(
  keyring: Keyring,
  runtime: Runtime,
): Promise<{ token: string; identity: Identity }> {
  const subject = GUEST_PREFIX + encodeBase64url(runtime.randomBytes(GUEST_ID_BYTES));
  const nowMs = runtime.now();
  const token = await signAccessToken(keyring, subject, [], GUEST_TOKEN_SECONDS, nowMs);
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
): Promise<string> {
  const kid = keyring.signingKid;
  const key = deriveKey(keyring, kid, "access-token");
  if (!key) throw new Error("The keyring is empty.");
  const issuedAtSeconds = Math.floor(nowMs / 1000);
  return new SignJWT({ roles: [...roles] })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(subject)
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + lifeSeconds)
    .sign(key);
}

/** Verifies an access token: our key, our algorithm, our issuer, for us, not over; `null` otherwise. */
export async function verifyAccessToken(
  keyring: Keyring,
  token: string,
  nowMs: number,
): Promise<Identity | null> {
  if (token.length > TOKEN_MAX_CHARACTERS) return null;
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = kid === undefined ? null : deriveKey(keyring, kid, "access-token");
        if (!key) throw new Error("The key is not known.");
        return key;
      },
      {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["sub", "exp"],
        currentDate: dateAt(nowMs),
      },
    );
    return identityOf(payload);
  } catch {
    // Forged, malformed or of an unknown key: the caller learns no more than that it is not valid.
    return null;
  }
}

/** Whether the shopper is anonymous. */
export function isGuest({ subject }: Identity): boolean {
  return subject.startsWith(GUEST_PREFIX);
}

function identityOf({ sub = "", exp = 0, roles }: JWTPayload): Identity | null {
  if (sub === "") return null;
  const named = Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [];
  return { subject: sub, roles: named, expiresAtMs: exp * 1000 };
}
