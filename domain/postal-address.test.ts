import { describe, expect, it } from "vitest";
import { normalisePostalAddress, type PostalAddress } from "./postal-address.ts";

const HOME: PostalAddress = {
  name: "Ada Byron",
  line1: "Große Straße 12a",
  line2: "Hinterhaus",
  postalCode: "10115",
  city: "Köln",
  region: "NRW",
  country: "DE",
};

describe("a postal address", () => {
  it("is one text of letters and digits", () => {
    expect(normalisePostalAddress(HOME)).toBe("de|10115|koln|grossestrasse12ahinterhaus");
  });

  it.each<Partial<PostalAddress>>([
    { name: "Bob Byron" },
    { name: undefined, region: undefined },
    { line1: "  GROSSE  STRASSE 12 A " },
    { line1: "Große Straße, 12-a." },
    { line1: "Große Straße 12ａ" },
    { line1: "Große Straße", line2: "12a, Hinterhaus" },
    { line1: "Große Straße 12a Hinterhaus", line2: undefined },
    { line1: "Große Straße 12a Hinterhaus", line2: "" },
    { postalCode: "10 115" },
    { postalCode: "10115 " },
    { city: "KÖLN" },
    { city: "Ko\u0308ln" },
    { city: "Koln" },
    { country: "de" },
  ])("is the same with %j", (changes) => {
    expect(normalisePostalAddress({ ...HOME, ...changes })).toBe(normalisePostalAddress(HOME));
  });

  it.each<Partial<PostalAddress>>([
    { line1: "Große Straße 12b" },
    { line1: "Große Straße 2a" },
    { line2: undefined },
    { line2: "Vorderhaus" },
    { postalCode: "10116" },
    { city: "Bonn" },
    { country: "AT" },
  ])("is another with %j", (changes) => {
    expect(normalisePostalAddress({ ...HOME, ...changes })).not.toBe(normalisePostalAddress(HOME));
  });

  it("keeps two numbers apart, and what stands in two fields", () => {
    const at = (line1: string, line2: string, postalCode = "1", city = "x") =>
      normalisePostalAddress({ line1, line2, postalCode, city, country: "FR" });
    expect(at("Rue 1", "12")).not.toBe(at("Rue 11", "2"));
    expect(at("Rue 1", "12")).toBe(at("Rue", "1-12"));
    expect(at("b", "", "1", "a")).not.toBe(at("", "", "1", "ab"));
  });

  it("takes any script", () => {
    const tokyo = { line1: "千代田1-1", postalCode: "100-0001", city: "東京", country: "JP" };
    expect(normalisePostalAddress(tokyo)).toBe("jp|1000001|東京|千代田1 1");
    const half = { ...tokyo, line1: "千代田 １－１" };
    expect(normalisePostalAddress(half)).toBe(normalisePostalAddress(tokyo));
  });
});
