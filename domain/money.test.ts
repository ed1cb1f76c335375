import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { QUANTITY_MAX } from "./limits.ts";
import { AMOUNT_MAX_MINOR_UNITS, multiplyMoney } from "./money.ts";

describe("money", () => {
  it.each([
    [{ amount: 49_900, currency: "EUR" }, 1, 49_900],
    [{ amount: 49_900, currency: "EUR" }, 3, 149_700],
    [{ amount: 1, currency: "JPY" }, 100, 100],
    [{ amount: 0, currency: "USD" }, 7, 0],
    [{ amount: 10, currency: "EUR" }, 3, 30],
  ])("%o times %i is %i minor units of the same currency", (price, quantity, amount) => {
    expect(multiplyMoney(price, quantity)).toEqual({ amount, currency: price.currency });
  });

  it("leaves the price alone", () => {
    const price = Object.freeze({ amount: 5, currency: "EUR" });
    multiplyMoney(price, 2);
    expect(price).toEqual({ amount: 5, currency: "EUR" });
  });

  it("stays exact for the dearest cart, and for ten thousand of them", () => {
    const { amount } = multiplyMoney(
      { amount: AMOUNT_MAX_MINOR_UNITS, currency: "EUR" },
      QUANTITY_MAX,
    );
    expect(amount).toBe(100_000_000_000);
    expect(Number.isSafeInteger(amount * 10_000)).toBe(true);
  });

  it("of any cart is what it costs unit by unit, to the last minor unit", () => {
    const anyAmount = integer({ min: 0, max: AMOUNT_MAX_MINOR_UNITS });
    const anyQuantity = integer({ min: 1, max: QUANTITY_MAX });
    assert(
      property(anyAmount, anyQuantity, (amount, quantity) => {
        const total = multiplyMoney({ amount, currency: "EUR" }, quantity);
        const unitByUnit = Array.from({ length: quantity }, () => BigInt(amount));
        expect(BigInt(total.amount)).toBe(unitByUnit.reduce((sum, unit) => sum + unit, 0n));
      }),
    );
  });
});
