import { assert, integer, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { INTAKES_MAX } from "../limits.ts";
import { laneOf } from "../queue/lane.ts";
import { intakeDelayMs, intakeName, intakeOf, skuOfIntake } from "./intake.ts";

describe("the intake of a shopper", () => {
  it("is always the same, one of the item's", () => {
    assert(
      property(string(), integer({ min: 1, max: INTAKES_MAX }), (binding, intakes) => {
        const intake = intakeOf(binding, intakes);
        expect(intakeOf(binding, intakes)).toBe(intake);
        expect(Number.isInteger(intake) && intake >= 0 && intake < intakes).toBe(true);
      }),
    );
  });

  it("takes an even share of a crowd, also of those who share a lane", () => {
    const intakes = 64;
    const lane = Array.from({ length: 64_000 }, (_, shopper) => `binding-${shopper}`).filter(
      (binding) => laneOf(binding, 8) === 3,
    );
    const counts = Array.from({ length: intakes }, () => 0);
    for (const binding of lane) {
      const intake = intakeOf(binding, intakes);
      counts[intake] = (counts[intake] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan((lane.length / intakes) * 1.4);
    expect(Math.min(...counts)).toBeGreaterThan((lane.length / intakes) * 0.6);
  });
});

describe("an intake's batches", () => {
  it.each([
    [1, 10],
    [5, 10],
    [16, 32],
    [INTAKES_MAX, 128],
  ])("of %i are sent every %i ms", (intakes, delayMs) => {
    expect(intakeDelayMs(intakes)).toBe(delayMs);
  });
});

describe("the name of an intake", () => {
  it("says whose purchases it takes", () => {
    assert(
      property(
        stringMatching(/^[a-z0-9/_-]{1,12}$/),
        integer({ min: 0, max: INTAKES_MAX - 1 }),
        (sku, intake) => {
          expect(skuOfIntake(intakeName(sku, intake))).toBe(sku);
        },
      ),
    );
  });

  it.each(["", "phone", "/3", "phone/", "phone/x", "phone/-1", "phone/1.5"])(
    "%j is none",
    (name) => {
      expect(() => skuOfIntake(name)).toThrow("names an intake");
    },
  );
});
