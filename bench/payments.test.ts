import { describe, expect, it } from "vitest";
import { UsageError } from "./options.ts";
import { drawPayments, methodOf, parsePaymentMix } from "./payments.ts";
import { seededRandom } from "../domain/random.ts";

describe("a payment mix", () => {
  it("is read from the command line", () => {
    expect(parsePaymentMix("decline=10,webhook_twice=2.5")).toEqual({
      decline: 10,
      webhook_twice: 2.5,
    });
    expect(parsePaymentMix("")).toEqual({});
  });

  it.each([
    ["declined=10", '"declined" is none of decline, insufficient_funds'],
    ["decline", "decline needs a percentage"],
    ["decline=-1", "decline needs a percentage"],
    ["decline=60,timeout=50", "more than 100"],
  ])("%s is refused with a sentence", (text, sentence) => {
    expect(() => parsePaymentMix(text)).toThrow(UsageError);
    expect(() => parsePaymentMix(text)).toThrow(sentence);
  });

  it("comes out as it says, and what is left simply works", () => {
    const random = seededRandom(3);
    const drawn = Array.from({ length: 2000 }, () =>
      drawPayments({ decline: 20, cash: 10 }, 0, random),
    );
    const share = (name: string) => drawn.filter(([first]) => first === name).length / drawn.length;
    for (const [name, expected] of [
      ["decline", 0.2],
      ["cash", 0.1],
      ["ok", 0.7],
    ] as const)
      expect(Math.abs(share(name) - expected)).toBeLessThan(0.03);
    expect(drawn.every(({ length }) => length === 1)).toBe(true);
  });

  it("goes on with another card after a decline, three in all", () => {
    const lengths = (retryPercent: number) =>
      new Set(
        Array.from(
          { length: 200 },
          (_, seed) => drawPayments({}, retryPercent, seededRandom(seed)).length,
        ),
      );
    expect(lengths(100)).toEqual(new Set([3]));
    expect(lengths(50)).toEqual(new Set([1, 2, 3]));
  });

  it("is said to the shop as a token of the sandbox, or as cash on delivery", () => {
    expect(methodOf("late_ok")).toEqual({ paymentMethod: "card", paymentToken: "tok_late_ok" });
    expect(methodOf("cash")).toEqual({ paymentMethod: "cod" });
  });
});
