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

/** All around the blocks of 64 bytes, and what is long: a generator of its own accord makes short ones. */
const LENGTHS = [...Array(260).keys(), 700, 5_000];

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256);
}

it("hashes every length as Node does, in whatever parts", () => {
  for (const length of LENGTHS) {
    const bytes = bytesOf(length);
    const digest = createHash("sha256").update(bytes).digest("hex");
    expect(hex(sha256(bytes))).toBe(digest);
    for (const cut of [1, 63, 64, 65])
      expect(hex(sha256(bytes.slice(0, cut), bytes.slice(cut)))).toBe(digest);
  }
  assert(
    property(array(uint8Array({ maxLength: 700 }), { maxLength: 4 }), (parts) => {
      const whole = Buffer.concat(parts);
      expect(hex(sha256(...parts))).toBe(createHash("sha256").update(whole).digest("hex"));
    }),
  );
});

it("makes MACs as Node does, with keys and texts of every length", () => {
  for (const length of LENGTHS) {
    const [long, short] = [bytesOf(length), bytesOf(20)];
    for (const [key, text] of [
      [long, short],
      [short, long],
    ] as const)
      expect(hex(hmac(key, text))).toBe(createHmac("sha256", key).update(text).digest("hex"));
  }
});
