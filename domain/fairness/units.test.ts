import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { unitFigures } from "./units.ts";

it("says how evenly units are shared out, as every shopper by themselves would have it", () => {
  const bought = array(integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 });
  assert(
    property(bought, (each) => {
      const histogram = [1, 2, 3, 4, 5, 6].map((units) => ({
        units,
        shoppers: each.filter((one) => one === units).length,
      }));
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
      const mean = sum(each) / each.length;
      const variance = sum(each.map((units) => (units - mean) ** 2)) / each.length;
      const figures = unitFigures(histogram);
      expect(figures).toMatchObject({ shoppers: each.length, units: sum(each) });
      expect(figures?.mean).toBeCloseTo(mean, 9);
      expect(figures?.deviation).toBeCloseTo(Math.sqrt(variance), 5);
    }),
  );
  expect(unitFigures([])).toBeNull();
});
