import { describe, expect, it } from "vitest";
import { patched } from "./loader.ts";

const patch = { file: "a.ts", find: "b", replace: "$& and b" };

describe("a patch", () => {
  it("replaces a text that stands there once, by exactly what it says", () => {
    expect(patched("a b c", [patch])).toBe("a $& and b c");
  });

  it("is refused when its text stands there not at all or twice", () => {
    expect(() => patched("a c", [patch])).toThrow("fits 0 times");
    expect(() => patched("b b", [patch])).toThrow("fits 2 times");
  });
});
