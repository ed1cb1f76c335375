import { CompactSign, jwtVerify, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { hmacText } from "../../domain/hash.ts";
import { deriveKey, parseKeyring } from "../../domain/token.ts";
import { isGuest, signAccessToken, signGuestToken, verifyAccessToken } from "./access-token.ts";
import { NOON_MS, TOKEN_KEYS } from "./testing/fake-gateway.ts";

const keyring = parseKeyring(TOKEN_KEYS);
const NOON_SECONDS = NOON_MS / 1000;
const HEADER = { alg: "HS256", typ: "at+jwt", kid: "new" };
const CLAIMS = {
  iss: "ropeline",
  aud: "ropeline",
  sub: "g_ann",
  iat: NOON_SECONDS,
  exp: NOON_SECONDS + 60,
  roles: [],
};

/** Signs whatever a test wants, with one of our keys. */
function sign(header: object, claims: object, kid = "new"): Promise<string> {
  const key = deriveKey(keyring, kid, "access-token");
  if (!key) throw new Error("The test's keyring has no such key.");
  return new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(key);
}

/** The claims behind any header, under the MAC that HS256 asks for. */
function sealed(header: unknown): string {
  const head = [header, CLAIMS]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${head}.${hmacText(deriveKey(keyring, "new", "access-token") ?? new Uint8Array(), head)}`;
}

describe("access tokens", () => {
  it("makes guests that differ and are valid for a day", async () => {
    let filled = 0;
    const runtime = {
      now: () => NOON_MS + 999,
      setTimer: () => 0,
      clearTimer: () => {},
      randomBytes: (length: number) => new Uint8Array(length).fill((filled += 1)),
    };
    const [one, other] = [signGuestToken(keyring, runtime), signGuestToken(keyring, runtime)];
    const identity = verifyAccessToken(keyring, one.token, NOON_MS);
    expect(identity).toEqual(one.identity);
    expect(identity?.subject).toMatch(/^g_[A-Za-z0-9_-]{22}$/);
    expect(identity && isGuest(identity)).toBe(true);
    expect(identity?.roles).toEqual([]);
    expect(identity?.expiresAtMs).toBe(NOON_MS + 86_400_000);
    expect(verifyAccessToken(keyring, other.token, NOON_MS)).toEqual(other.identity);
    expect(other.identity.subject).not.toBe(one.identity.subject);
  });

  it("carries roles, and tells accounts from guests", async () => {
    const token = signAccessToken(keyring, "u_bea", ["viewer"], 60, NOON_MS);
    const identity = verifyAccessToken(keyring, token, NOON_MS);
    expect(identity?.roles).toEqual(["viewer"]);
    expect(identity && isGuest(identity)).toBe(false);
  });

  it("signs what the reference implementation accepts, whatever the subject", async () => {
    const token = signAccessToken(keyring, "u_bé", ["viewer"], 60, NOON_MS);
    const key = deriveKey(keyring, "new", "access-token") ?? new Uint8Array();
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      issuer: "ropeline",
      audience: "ropeline",
      typ: "at+jwt",
      algorithms: ["HS256"],
      currentDate: new Date(NOON_MS),
    });
    expect(protectedHeader).toEqual(HEADER);
    expect(payload).toEqual({ ...CLAIMS, sub: "u_bé", roles: ["viewer"] });
  });

  it("accepts a token of a key that no longer signs", async () => {
    const token = await sign({ ...HEADER, kid: "old" }, CLAIMS, "old");
    expect(verifyAccessToken(keyring, token, NOON_MS)).not.toBeNull();
  });

  it("ends at its expiry", async () => {
    const token = await sign(HEADER, CLAIMS);
    expect(verifyAccessToken(keyring, token, NOON_MS + 59_999)).not.toBeNull();
    expect(verifyAccessToken(keyring, token, NOON_MS + 60_000)).toBeNull();
  });

  const { kid: _kid, ...withoutKid } = HEADER;
  const { exp: _exp, ...withoutExpiry } = CLAIMS;
  it.each([
    ["another type", { ...HEADER, typ: "JWT" }, CLAIMS],
    ["an unknown key", { ...HEADER, kid: "stolen" }, CLAIMS],
    ["no key", withoutKid, CLAIMS],
    ["what is not valid yet", HEADER, { ...CLAIMS, nbf: NOON_SECONDS + 1 }],
    ["another issuer", HEADER, { ...CLAIMS, iss: "elsewhere" }],
    ["another audience", HEADER, { ...CLAIMS, aud: "elsewhere" }],
    ["no subject", HEADER, { ...CLAIMS, sub: "" }],
    ["no expiry", HEADER, withoutExpiry],
    ["an expiry that is no number", HEADER, { ...CLAIMS, exp: "never" }],
  ])("refuses %s", async (_name, header, claims) => {
    expect(verifyAccessToken(keyring, await sign(header, claims), NOON_MS)).toBeNull();
  });

  it.each([
    ["no algorithm", { ...HEADER, alg: "none" }],
    ["another algorithm", { ...HEADER, alg: "HS512" }],
    ["an extension that has to be understood", { ...HEADER, crit: ["exp"] }],
    ["a header that is no object", "HS256"],
  ])("refuses %s even under the right MAC", (_name, header) => {
    expect(verifyAccessToken(keyring, sealed(HEADER), NOON_MS)).not.toBeNull();
    expect(verifyAccessToken(keyring, sealed(header), NOON_MS)).toBeNull();
  });

  it("refuses the algorithm none, a forged signature and a key of another purpose", async () => {
    const none = new UnsecuredJWT(CLAIMS).encode();
    expect(verifyAccessToken(keyring, none, NOON_MS)).toBeNull();
    const [header = "", payload = "", signature = ""] = (await sign(HEADER, CLAIMS)).split(".");
    const tail = signature.endsWith("A") ? "B" : "A";
    const forged = [header, payload, signature.slice(0, -2) + tail + signature.at(-1)].join(".");
    expect(verifyAccessToken(keyring, forged, NOON_MS)).toBeNull();
    const admin = Buffer.from(JSON.stringify({ ...CLAIMS, roles: ["admin"] })).toString(
      "base64url",
    );
    expect(verifyAccessToken(keyring, `${header}.${admin}.${signature}`, NOON_MS)).toBeNull();
    const ticketKey = deriveKey(keyring, "new", "ticket") ?? new Uint8Array(32);
    const wrongPurpose = await new SignJWT(CLAIMS).setProtectedHeader(HEADER).sign(ticketKey);
    expect(verifyAccessToken(keyring, wrongPurpose, NOON_MS)).toBeNull();
  });

  it.each(["", "x", "a.b.c", "x".repeat(5_000)])("refuses what is no token", async (text) => {
    expect(verifyAccessToken(keyring, text, NOON_MS)).toBeNull();
  });
});
