import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copied } from "./copy.ts";

describe("a copy", () => {
  it("is what structuredClone makes", () => {
    const parts = fc.anything({ withDate: true, withMap: true, withTypedArray: true });
    fc.assert(
      fc.property(parts, (value) => {
        expect(copied(value)).toEqual(structuredClone(value));
      }),
    );
  });

  it("has nothing in common with what it is of", () => {
    const value = { list: [{ name: "a" }] };
    const copy = copied(value);
    expect(copy).toEqual(value);
    expect(copy.list).not.toBe(value.list);
    expect(copy.list[0]).not.toBe(value.list[0]);
  });

  it("keeps one what is in two places, and what goes round in a circle", () => {
    const part = { name: "a" };
    const copy = copied({ first: part, second: [part] });
    expect(copy.second[0]).toBe(copy.first);
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const round = copied(circle);
    expect(round.self).toBe(round);
  });

  it("is refused where structuredClone refuses", () => {
    expect(() => copied({ deep: [() => 1] })).toThrow(DOMException);
  });
});
