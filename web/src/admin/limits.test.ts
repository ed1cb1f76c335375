import { expect, test } from "vitest";
import { limitsOf, limitsText } from "./limits.ts";

function form(fields: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    data.set(name, value);
  }
  return data;
}

test("a field that is left empty sets no limit", () => {
  const typed = { perShopper: "2", perAddress: "40", perCard: " ", perPostalAddress: "3" };
  expect(limitsOf(form(typed))).toEqual({ perShopper: 2, perAddress: 40, perPostalAddress: 3 });
  expect(limitsOf(form({ perShopper: "1" }))).toEqual({ perShopper: 1 });
});

test.each([
  [{ perShopper: 1 }, "At most 1 unit of an article per shopper."],
  [
    { perShopper: 2, perAddress: 1_000, perCard: 3, perPostalAddress: 4 },
    "At most 2 units of an article per shopper, 1,000 per network, 3 per card, 4 per postal address.",
  ],
])("limits are a sentence: %j", (limits, sentence) => {
  expect(limitsText(limits)).toBe(sentence);
});
