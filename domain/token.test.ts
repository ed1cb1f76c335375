import { describe, expect, it } from "vitest";
import { keyring, keyText, NOON_MS } from "../test/system/support/samples.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { hmacSha256 } from "./hash.ts";
import {
  deriveKey,
  openLiveToken,
  openPass,
  openTicket,
  parseKeyring,
  postalAddressHash,
  sealLiveToken,
  sealPass,
  sealTicket,
  cardHash,
  networkHash,
  originHash,
  shopperBinding,
  type Keyring,
  type LiveToken,
  type Pass,
  type Ticket,
} from "./token.ts";

const KEYS = keyring("k1");
const TICKET: Ticket = {
  saleId: "drop",
  lane: 3,
  number: 4_711,
  arrivedAtMs: NOON_MS,
  binding: "0123456789abcdefghijkl",
};
const PASS: Pass = {
  saleId: "drop",
  number: 4_711,
  binding: "0123456789abcdefghijkl",
  claimedAtMs: NOON_MS,
  expiresAtMs: NOON_MS + 300_000,
};
const LIVE: LiveToken = {
  saleId: "drop",
  binding: "0123456789abcdefghijkl",
  nonce: "AAECAwQFBgcICQoL",
  expiresAtMs: NOON_MS + 30_000,
  region: "weur",
};
const KINDS = [
  { kind: "ticket", seal: () => sealTicket(KEYS, TICKET), open: openTicket, content: TICKET },
  { kind: "pass", seal: () => sealPass(KEYS, PASS), open: openPass, content: PASS },
  { kind: "live", seal: () => sealLiveToken(KEYS, LIVE), open: openLiveToken, content: LIVE },
] as const;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Every token that differs from `token` in one bit of one character. */
function withOneBitFlipped(token: string): string[] {
  return Array.from(token).flatMap((character, index) =>
    Array.from({ length: 8 }, (_, bit) => {
      const flipped = String.fromCharCode(character.charCodeAt(0) ^ (1 << bit));
      return token.slice(0, index) + flipped + token.slice(index + 1);
    }),
  );
}

/** A token whose MAC is right for whatever head and purpose are given. */
function forge(keys: Keyring, purpose: "ticket" | "pass" | "live", head: string): string {
  const key = deriveKey(keys, "k1", purpose) ?? new Uint8Array();
  return `${head}.${encodeBase64url(hmacSha256(key, head))}`;
}

describe.each(KINDS)("a $kind", ({ kind, seal, open, content }) => {
  const token = seal();
  const [version = "", kid = "", payload = "", mac = ""] = token.split(".");

  it("gives back what was sealed", () => {
    expect(open(KEYS, token)).toEqual(content);
  });

  it("is the same bytes every time: version, kid, payload, MAC", () => {
    expect(seal()).toBe(token);
    expect([version, kid]).toEqual(["v1", "k1"]);
    expect(decodeBase64url(payload)).not.toBeNull();
    expect(decodeBase64url(mac)).toHaveLength(32);
  });

  it("is refused when any one bit of it is flipped", () => {
    const opened = withOneBitFlipped(token).filter((changed) => open(KEYS, changed) !== null);
    expect(opened).toEqual([]);
  });

  it("is refused with each of the 63 other last characters of its MAC", () => {
    const last = token.at(-1) ?? "";
    const others = Array.from(ALPHABET).filter((character) => character !== last);
    const sameBytes = others.filter((character) =>
      Buffer.from(mac.slice(0, -1) + character, "base64url").equals(Buffer.from(mac, "base64url")),
    );
    expect(sameBytes).toHaveLength(3);
    for (const character of others) expect(open(KEYS, token.slice(0, -1) + character)).toBeNull();
  });

  it.each(["=", "\n", " ", "\t", ".", "A", "\0"])("is refused with %j anywhere", (character) => {
    for (let at = 0; at <= token.length; at++)
      expect(open(KEYS, token.slice(0, at) + character + token.slice(at))).toBeNull();
  });

  it("is refused when a part is cut off or missing", () => {
    for (let length = 0; length < token.length; length++)
      expect(open(KEYS, token.slice(0, length))).toBeNull();
    expect(open(KEYS, `${version}.${kid}.${payload}.`)).toBeNull();
    expect(open(KEYS, `${version}.${kid}..${mac}`)).toBeNull();
    expect(open(KEYS, `${version}..${payload}.${mac}`)).toBeNull();
  });

  it("is refused under another key of the same kid", () => {
    expect(open(parseKeyring(keyText("k1", 99)), token)).toBeNull();
  });

  it("is refused under an unknown kid, however well signed", () => {
    expect(open(keyring("k2"), token)).toBeNull();
    expect(open(KEYS, forge(KEYS, kind, `v1.k2.${payload}`))).toBeNull();
    expect(open(KEYS, forge(KEYS, kind, `v1.__proto__.${payload}`))).toBeNull();
  });

  it("is refused in another version, however well signed", () => {
    expect(open(KEYS, forge(KEYS, kind, `v1.k1.${payload}`))).toEqual(content);
    expect(open(KEYS, forge(KEYS, kind, `v2.k1.${payload}`))).toBeNull();
  });

  it("is refused when it is longer than any token, however well signed", () => {
    const long = encodeBase64url(Buffer.from(JSON.stringify(["x".repeat(600)])));
    expect(open(KEYS, forge(KEYS, kind, `v1.k1.${long}`))).toBeNull();
  });

  it("still opens when the signing key has been rotated, and no more once its key is gone", () => {
    expect(open(keyring("k2", "k1"), token)).toEqual(content);
    expect(open(keyring("k3", "k2"), token)).toBeNull();
  });
});

describe("purposes", () => {
  it("a ticket is no pass, a pass no ticket, and neither opens a socket", () => {
    expect(openPass(KEYS, sealTicket(KEYS, TICKET))).toBeNull();
    expect(openTicket(KEYS, sealPass(KEYS, PASS))).toBeNull();
    expect(openLiveToken(KEYS, sealTicket(KEYS, TICKET))).toBeNull();
    expect(openTicket(KEYS, sealLiveToken(KEYS, LIVE))).toBeNull();
  });

  it("of a socket say nothing without a region", () => {
    const payload = encodeBase64url(Buffer.from(JSON.stringify(Object.values(LIVE).slice(0, 4))));
    expect(openLiveToken(KEYS, forge(KEYS, "live", `v1.k1.${payload}`))).toBeNull();
  });

  it("derive keys that differ by kid, purpose and scope, and stay the same", () => {
    const keys = keyring("k1", "k2");
    const derived = [
      deriveKey(keys, "k1", "ticket"),
      deriveKey(keys, "k2", "ticket"),
      deriveKey(keys, "k1", "pass"),
      deriveKey(keys, "k1", "binding", "drop"),
      deriveKey(keys, "k1", "binding", "other"),
    ].map((key) => Buffer.from(key ?? []).toString("hex"));
    expect(new Set(derived).size).toBe(5);
    expect(Buffer.from(deriveKey(keys, "k1", "ticket") ?? []).toString("hex")).toBe(derived[0]);
    expect(deriveKey(keys, "k9", "ticket")).toBeNull();
  });

  it("remember a bounded number: there are as many scopes as sales", () => {
    const keys = keyring("k1");
    const first = deriveKey(keys, "k1", "binding", "drop-0");
    expect(deriveKey(keys, "k1", "binding", "drop-0")).toBe(first);
    for (let sale = 0; sale < 2_500; sale++) deriveKey(keys, "k1", "binding", `drop-${sale}`);
    expect(keys.derived.size).toBeLessThanOrEqual(1_000);
    expect(deriveKey(keys, "k1", "binding", "drop-0")).toEqual(first);
  });
});

describe("the keyring", () => {
  it("signs with the first key and verifies with all", () => {
    const keys = parseKeyring(`${keyText("new", 2)}, ${keyText("old", 1)}`);
    expect(keys.signingKid).toBe("new");
    expect([...keys.masters.keys()]).toEqual(["new", "old"]);
    expect(sealTicket(keys, TICKET)).toMatch(/^v1\.new\./);
  });

  it.each([
    ["nothing", "", 1],
    ["no kid", `:${"A".repeat(43)}`, 1],
    ["a kid with a dot", keyText("k.1", 1), 1],
    ["a kid of 33 characters", keyText("k".repeat(33), 1), 1],
    ["no key", "k1", 1],
    ["a key of 31 bytes", `k1:${Buffer.alloc(31, 7).toString("base64url")}`, 1],
    ["a key that is not base64url", `k1:${Buffer.alloc(32, 255).toString("base64")}`, 1],
    ["three parts", `${keyText("k1", 1)}:x`, 1],
    ["a bad second entry", `${keyText("k1", 1)},${keyText("", 2)}`, 2],
    ["an entry that is empty", `${keyText("k1", 1)},`, 2],
  ])("refuses %s by position and never shows the key", (_, text, position) => {
    expect(() => parseKeyring(text)).toThrow(`TOKEN_KEYS entry ${position} is not`);
    try {
      parseKeyring(text);
    } catch (error) {
      const secret = text.split(/[:,]/).at(-1) ?? "";
      if (secret.length > 1) expect(String(error)).not.toContain(secret);
    }
  });

  it("refuses a kid that stands twice: one of the keys would be lost", () => {
    const twice = `${keyText("k1", 1)},${keyText("k1", 2)}`;
    expect(() => parseKeyring(twice)).toThrow("TOKEN_KEYS entry 2 repeats a kid.");
  });

  it("that is empty signs nothing", () => {
    const empty: Keyring = { signingKid: "", masters: new Map(), derived: new Map() };
    expect(() => sealTicket(empty, TICKET)).toThrow("The keyring is empty.");
    expect(() => shopperBinding(empty, "drop", "ada")).toThrow("The keyring is empty.");
  });
});

describe("the shopper's binding", () => {
  it("is 22 characters, the same for one shopper of one sale, another for anyone else", () => {
    const binding = shopperBinding(KEYS, "drop", "ada");
    expect(binding).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(shopperBinding(KEYS, "drop", "ada")).toBe(binding);
    expect(shopperBinding(KEYS, "drop", "bob")).not.toBe(binding);
    expect(shopperBinding(KEYS, "other", "ada")).not.toBe(binding);
    expect(shopperBinding(keyring("k2"), "drop", "ada")).not.toBe(binding);
  });

  it("outlives a rotation that puts a new key in front", () => {
    const before = shopperBinding(keyring("k1"), "drop", "ada");
    expect(shopperBinding(keyring("k2", "k1"), "drop", "ada")).toBe(before);
  });

  it.each([
    ["network", networkHash],
    [
      "network in the books",
      (keys: Keyring, chain: string, text: string) => originHash(keys, chain, "network", text),
    ],
    [
      "device",
      (keys: Keyring, chain: string, text: string) => originHash(keys, chain, "device", text),
    ],
    ["card", cardHash],
    ["postal address", postalAddressHash],
  ])("of a %s is another one than a shopper's of that name, and outlives rotation too", (_, of) => {
    const hash = of(keyring("k1"), "drop", "203.0.113.7");
    expect(hash).toMatch(/^[\w-]{22}$/);
    expect(hash).not.toBe(shopperBinding(keyring("k1"), "drop", "203.0.113.7"));
    expect(hash).not.toBe(of(keyring("k1"), "other", "203.0.113.7"));
    expect(hash).not.toBe(of(keyring("k1"), "drop", "203.0.113.8"));
    expect(of(keyring("k2", "k1"), "drop", "203.0.113.7")).toBe(hash);
  });
});
