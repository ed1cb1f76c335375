import { createHash, createHmac } from "node:crypto";
import { array, assert, property, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import { hmac, sha256 } from "./sha256.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// FIPS 180-4 names the algorithm; the vectors are those of NIST's example values.
it.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
])("hashes %j as the standard does", (text, digest) => {
  expect(hex(sha256(Buffer.from(text)))).toBe(digest);
});

it("hashes every length as Node does, in whatever parts", () => {
  for (const length of [...Array(260).keys(), 5_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256);
    expect(hex(sha256(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
  assert(
    property(array(uint8Array({ maxLength: 700 }), { maxLength: 4 }), (parts) => {
      const whole = Buffer.concat(parts);
      expect(hex(sha256(...parts))).toBe(createHash("sha256").update(whole).digest("hex"));
    }),
  );
});

it("makes MACs as Node does, with keys of every length", () => {
  assert(
    property(
      uint8Array({ maxLength: 100 }),
      array(uint8Array({ maxLength: 300 })),
      (key, texts) => {
        for (const text of texts)
          expect(hex(hmac(key, text))).toBe(createHmac("sha256", key).update(text).digest("hex"));
      },
    ),
  );
});
