import { describe, expect, it } from "vitest";
import { DEFAULT_REGION, regionOf, REGIONS } from "./region.ts";

describe("the region of a request", () => {
  it.each([
    ["Seattle", "NA", "US", "-122.33", "wnam"],
    ["Denver", "NA", "US", "-104.99", "wnam"],
    ["Dallas", "NA", "US", "-96.80", "enam"],
    ["New York", "NA", "US", "-74.01", "enam"],
    ["Mexico City", "NA", "MX", "-99.13", "enam"],
    ["São Paulo", "SA", "BR", "-46.63", "sam"],
    ["Lisbon", "EU", "PT", "-9.14", "weur"],
    ["Berlin", "EU", "DE", "13.40", "weur"],
    ["Vienna", "EU", "AT", "16.37", "eeur"],
    ["Kyiv", "EU", "UA", "30.52", "eeur"],
    ["Cairo", "AF", "EG", "31.24", "afr"],
    ["Dubai", "AS", "AE", "55.27", "me"],
    ["Tel Aviv", "AS", "IL", "34.78", "me"],
    ["Mumbai", "AS", "IN", "72.88", "apac"],
    ["Tokyo", "AS", "JP", "139.69", "apac"],
    ["Auckland", "OC", "NZ", "174.76", "oc"],
  ])("from %s", (_city, continent, country, longitude, region) => {
    expect(regionOf({ continent, country, longitude })).toBe(region);
  });

  it.each([
    ["no longitude in North America", { continent: "NA", country: "US" }, "enam"],
    ["no longitude in Europe", { continent: "EU", country: "DE" }, "weur"],
    ["a longitude that is none", { continent: "EU", longitude: "east" }, "weur"],
    ["no country in Asia", { continent: "AS" }, "apac"],
    ["Antarctica", { continent: "AN" }, DEFAULT_REGION],
    ["Tor", { country: "T1" }, DEFAULT_REGION],
    ["a word of the language", { continent: "constructor" }, DEFAULT_REGION],
    ["nothing", undefined, DEFAULT_REGION],
  ])("with %s", (_what, whence, region) => {
    expect(regionOf(whence)).toBe(region);
  });

  it("is one of the places where Cloudflare makes objects", () => {
    const hints: readonly DurableObjectLocationHint[] = REGIONS;
    expect(new Set(hints).size).toBe(hints.length);
  });
});
