import { describe, expect, it } from "vitest";
import { Dice } from "./dice.ts";

const SEED = 7;

function rolls(dice: Dice, count = 20): number[] {
  return Array.from({ length: count }, () => dice.int(0, 1_000_000));
}

describe("dice", () => {
  it("roll the same for the same seed and name", () => {
    const again = rolls(new Dice(SEED).fork("network"));
    expect(rolls(new Dice(SEED).fork("network"))).toEqual(again);
    expect(rolls(new Dice(SEED + 1).fork("network"))).not.toEqual(again);
    expect(rolls(new Dice(SEED).fork("queue"))).not.toEqual(again);
  });

  it("roll on unchanged however often others roll or fork", () => {
    const alone = rolls(new Dice(SEED).fork("shopper/2"));
    const parent = new Dice(SEED);
    rolls(parent);
    rolls(parent.fork("shopper/1"), 100);
    const dice = parent.fork("shopper/2");
    const mixed = Array.from({ length: 20 }, () => {
      parent.int(0, 9);
      return dice.int(0, 1_000_000);
    });
    expect(mixed).toEqual(alone);
  });

  it("tell a name from the same one in another place", () => {
    const dice = new Dice(SEED);
    expect(rolls(dice.fork("a").fork("x"))).not.toEqual(rolls(dice.fork("b").fork("x")));
  });

  it("stay within their bounds and reach both", () => {
    const dice = new Dice(SEED);
    const seen = new Set(Array.from({ length: 200 }, () => dice.int(3, 5)));
    expect(seen).toEqual(new Set([3, 4, 5]));
    expect(Array.from({ length: 100 }, () => dice.chance(0))).not.toContain(true);
    expect(Array.from({ length: 100 }, () => dice.chance(1))).not.toContain(false);
  });
});
