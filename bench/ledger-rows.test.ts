import { expect, it } from "vitest";
import { HOLD_TRANSITIONS } from "../domain/purchase/hold.ts";
import { KNOWN_TYPES, meaningOf } from "./ledger-rows.ts";

/** What begins an order; the rest happens to it. */
const BEGINNINGS = ["reserved", "offered"];
/** Change of held and sold, by what the product's table says of the units. */
const UNITS = {
  stay: { held: 0, sold: 0 },
  sell: { held: -1, sold: 1 },
  free: { held: -1, sold: 0 },
  return: { held: 0, sold: -1 },
};

it("knows every type of row that the product writes about an order, and no other", () => {
  const written = [...BEGINNINGS, ...Object.keys(HOLD_TRANSITIONS)];
  expect([...KNOWN_TYPES].toSorted()).toEqual(written.toSorted());
});

it.each(Object.entries(HOLD_TRANSITIONS))("%s: means what the product says", (type, rule) => {
  expect(meaningOf(type)).toEqual({ status: rule.to, ...UNITS[rule.units] });
});

it.each(BEGINNINGS)("%s: holds its units", (type) => {
  expect(meaningOf(type)).toEqual({ status: "RESERVED", held: 1, sold: 0 });
});
