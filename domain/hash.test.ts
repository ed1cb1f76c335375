import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { equalBytes, hmacSha256, hmacText, isMac, sha256Hex } from "./hash.ts";

describe("hashes", () => {
  it("SHA-256 agrees with the published digests (FIPS 180-2)", () => {
    expect(sha256Hex("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("HMAC-SHA-256 agrees with RFC 4231, test cases 1 and 2", () => {
    expect(Buffer.from(hmacSha256(Buffer.alloc(20, 0x0b), "Hi There")).toString("hex")).toBe(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
    const second = hmacSha256(Buffer.from("Jefe"), "what do ya want for nothing?");
    expect(Buffer.from(second).toString("hex")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it("agrees with Node's whatever its length", () => {
    for (const length of [3_999, 4_000, 4_001, 9_000]) {
      const text = "é".repeat(length);
      expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });

  it("text is hashed as UTF-8", () => {
    expect(sha256Hex("é")).toBe("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  });
});

describe("MACs as text", () => {
  const key = Buffer.alloc(20, 0x0b);
  const mac = hmacText(key, "Hi There");

  it("are RFC 4231's, in base64url", () => {
    expect(mac).toBe("sDRMYdjbOFNcqK_OrwvxK4gdwgDJgz2nJuk3bC4yz_c");
    expect(isMac(mac, key, "Hi There")).toBe(true);
  });

  it("differ by any character, by one too many and by one too few", () => {
    for (let at = 0; at < mac.length; at += 1)
      for (const other of ["A", "_", "é", "\uFFFF", ""]) {
        const changed = mac.slice(0, at) + other + mac.slice(at + 1);
        expect(isMac(changed, key, "Hi There")).toBe(changed === mac);
      }
    for (const text of ["", `${mac}A`, `${mac}=`, ` ${mac}`, mac.repeat(2)])
      expect(isMac(text, key, "Hi There")).toBe(false);
  });
});

describe("comparing bytes", () => {
  it.each([
    [[], [], true],
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [1, 2, 4], false],
    [[1, 2, 3], [0, 2, 3], false],
    [[1, 2, 3], [1, 2], false],
    [[], [0], false],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(equalBytes(new Uint8Array(a), new Uint8Array(b))).toBe(equal);
  });
});
