import { assert, property, string, stringMatching, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64url, decodeText, encodeBase64url } from "./base64url.ts";

const VECTORS: [text: string, bytes: number[]][] = [
  ["", []],
  ["AA", [0]],
  ["_w", [255]],
  ["-_8", [251, 255]],
  ["Zm9v", [102, 111, 111]],
  ["Zm9vYg", [102, 111, 111, 98]],
];

const REFUSED: [name: string, text: string][] = [
  ["padding", "AA=="],
  ["one padding character", "AAA="],
  ["a blank", "Zm 9v"],
  ["a trailing newline", "Zm9v\n"],
  ["a leading newline", "\nZm9v"],
  ["a dot", "Zm.9v"],
  ["the plus of plain base64", "+_8"],
  ["the slash of plain base64", "-/8"],
  ["a letter outside ASCII", "Zm9é"],
  ["a length that no bytes have", "Zm9vY"],
  ["a single character", "A"],
  ["unused bits that are set, two characters", "AB"],
  ["unused bits that are set, three characters", "AAB"],
];

describe("base64url", () => {
  it.each(VECTORS)("%j stands for its bytes", (text, bytes) => {
    expect(encodeBase64url(new Uint8Array(bytes))).toBe(text);
    expect(decodeBase64url(text)).toEqual(new Uint8Array(bytes));
  });

  it.each(REFUSED)("refuses %s", (_, text) => {
    expect(decodeBase64url(text)).toBeNull();
  });

  it("gives back what was encoded, also from the middle of a larger buffer", () => {
    assert(
      property(uint8Array({ maxLength: 80 }), (bytes) => {
        const framed = new Uint8Array([7, ...bytes, 7]).subarray(1, bytes.length + 1);
        expect(decodeBase64url(encodeBase64url(framed))).toEqual(bytes);
      }),
    );
  });

  it("knows one text for given bytes: whatever decodes encodes to itself", () => {
    assert(
      property(stringMatching(/^[A-Za-z0-9_\-+/= \n.]{0,12}$/), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes) expect(encodeBase64url(bytes)).toBe(text);
      }),
    );
  });

  it("gives back the text that was encoded, whatever its characters", () => {
    assert(
      property(string({ unit: "grapheme" }), (text) => {
        expect(decodeText(encodeBase64url(Buffer.from(text, "utf8")))).toBe(text);
      }),
    );
    expect(decodeText(encodeBase64url(Buffer.from("?>~é€😀", "utf8")))).toBe("?>~é€😀");
  });
});
