import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ed25519Sign, sha256Hex } from "../hash.ts";
import { logBinding, logOrigin, parseLogKeys, signCheckpoint, verifierKey } from "./note.ts";

/** The key of the examples of Go's package `golang.org/x/mod/sumdb/note`, which wrote the format first. */
const NEUMANN = {
  secret: Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1),
  vkey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
};

function keyOf(kid: string, secret: Uint8Array) {
  const key = parseLogKeys(`${kid}:${Buffer.from(secret).toString("base64url")}`).get(kid);
  if (!key) throw new Error("The key is there.");
  return key;
}

/** Whether a signed note is signed by the key that a vkey names, by the format alone. */
function isSignedBy(note: string, vkey: string): boolean {
  const [, name = "", id = "", encoded = ""] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const [text = "", line = ""] = note.split("\n\n");
  const [, signer, signature = ""] = /^— (\S+) (\S+)\n$/.exec(line) ?? [];
  const bytes = Buffer.from(signature, "base64");
  if (signer !== name || bytes.subarray(0, 4).toString("hex") !== id) return false;
  const key = createPublicKey({
    key: {
      kty: "OKP",
      crv: "Ed25519",
      x: Buffer.from(encoded, "base64").subarray(1).toString("base64url"),
    },
    format: "jwk",
  });
  return verify(null, Buffer.from(`${text}\n`), key, bytes.subarray(4));
}

describe("a key", () => {
  it("is named and signs as in the package that wrote the format", () => {
    const key = keyOf("pn", NEUMANN.secret);
    expect(verifierKey("PeterNeumann", key)).toBe(NEUMANN.vkey);
    const signature = ed25519Sign(key.secret, Buffer.from(NEUMANN.text));
    expect(Buffer.from(signature).toString("base64")).toBe(
      Buffer.from(NEUMANN.signature, "base64").subarray(4).toString("base64"),
    );
  });

  it("stands among others, the first of which signs", () => {
    const seeds = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64url"));
    const keys = parseLogKeys(`new:${seeds[0]}, old:${seeds[1]}`);
    expect([...keys.keys()]).toEqual(["new", "old"]);
    expect(keys.get("old")?.secret).toEqual(new Uint8Array(32).fill(2));
  });

  it.each([
    ["", 1],
    ["k1", 1],
    ["k1:", 1],
    ["k1:AAAA", 1],
    [`k1:${Buffer.alloc(33).toString("base64url")}`, 1],
    [`k1:${Buffer.alloc(32).toString("base64url")}:x`, 1],
    [`k 1:${Buffer.alloc(32).toString("base64url")}`, 1],
    [`k1:${Buffer.alloc(32).toString("base64url")},`, 2],
    [
      Array(2)
        .fill(`k1:${Buffer.alloc(32).toString("base64url")}`)
        .join(),
      2,
    ],
  ])("is refused by its position, and not told: %s", (text, position) => {
    expect(() => parseLogKeys(text)).toThrow(
      `LOG_KEYS entry ${position} is not "kid:base64url" with a seed of 32 bytes`,
    );
    if (text.length > 8) expect(() => parseLogKeys(text)).not.toThrow(text.slice(3, 20));
  });
});

describe("a checkpoint", () => {
  const key = keyOf("k1", Buffer.alloc(32, 5));
  const origin = logOrigin("shop.example", "spring drop/1+1");
  const note = signCheckpoint(origin, { size: 42, head: new Uint8Array(32).fill(9) }, key);

  it("is three lines and a signature, which the key's name verifies", () => {
    expect(origin).toBe("shop.example/sales/spring%20drop%2F1%2B1");
    expect(note.split("\n").slice(0, 4)).toEqual([
      origin,
      "42",
      Buffer.alloc(32, 9).toString("base64"),
      "",
    ]);
    expect(isSignedBy(note, verifierKey(origin, key))).toBe(true);
  });

  it("is not verified by another key, under another name, or with another text", () => {
    const other = keyOf("k2", Buffer.alloc(32, 6));
    expect(isSignedBy(note, verifierKey(origin, other))).toBe(false);
    expect(isSignedBy(note, verifierKey(`${origin}x`, key))).toBe(false);
    expect(isSignedBy(note.replace("\n42\n", "\n43\n"), verifierKey(origin, key))).toBe(false);
  });

  it("is the same however often it is signed", () => {
    expect(signCheckpoint(origin, { size: 42, head: new Uint8Array(32).fill(9) }, key)).toBe(note);
  });
});

it("a binding is told as a hash with the sale in it", () => {
  expect(logBinding("drop", "ann")).toBe(sha256Hex("drop/ann"));
  expect(logBinding("other", "ann")).not.toBe(logBinding("drop", "ann"));
});
