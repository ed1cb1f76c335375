import { describe, expect, test } from "vitest";
import type { SaleStatus } from "./contract.ts";
import { viewOf } from "./testing/queue-views.ts";
import {
  availableUnits,
  placeToSpeak,
  progressShare,
  rememberPlace,
  waitingText,
  type SpokenPlace,
} from "./waiting-text.ts";

describe("a shown place", () => {
  test("never goes up while the number stays", () => {
    let place = rememberPlace(null, viewOf({ ahead: 312 }));
    for (const ahead of [300, 305, null, 299, 310]) {
      place = rememberPlace(place, viewOf({ ahead }));
    }
    expect(place).toEqual({ number: 1_512, ahead: 299, startAhead: 312 });
    expect(progressShare(place)).toBeCloseTo(1 - 299 / 312);
  });

  test("starts afresh with a new number", () => {
    const place = rememberPlace(
      rememberPlace(null, viewOf()),
      viewOf({ number: 9_000, ahead: 7_000 }),
    );
    expect(place).toEqual({ number: 9_000, ahead: 7_000, startAhead: 7_000 });
    expect(progressShare(place)).toBe(0);
  });

  test("has no progress before it is known, and full progress when nobody was ahead", () => {
    const unknown = rememberPlace(null, viewOf({ state: "early", number: null, ahead: null }));
    expect(progressShare(unknown)).toBeNull();
    expect(progressShare(rememberPlace(null, viewOf({ ahead: 0 })))).toBe(1);
  });

  test("is put into words, without an estimate while paused", () => {
    const place = rememberPlace(null, viewOf({ ahead: 1_204 }));
    expect(waitingText(viewOf(), place, 5_000)).toMatchObject({
      ahead: "1,204",
      label: "people ahead of you",
      estimate: "4 to 6 minutes",
    });
    expect(waitingText(viewOf({ paused: true }), place, 5_000).estimate).toBeNull();
  });
});

describe("stock that will not last", () => {
  const place = rememberPlace(null, viewOf({ ahead: 4_200 }));

  test.each([
    [4_201, null],
    [null, null],
    [
      4_200,
      /^4,200 left, 4,200 ahead of you: it is likely to sell out before your turn\. You keep/,
    ],
    [1_000, /^1,000 left, 4,200 ahead of you/],
    [0, /^Every unit is in another shopper’s hands right now\. You keep your place/],
  ])("with %o left is told as %o, with no estimate beside it", (available, outlook) => {
    const text = waitingText(viewOf(), place, available);
    if (outlook === null) {
      expect(text).toMatchObject({ outlook: null, estimate: "4 to 6 minutes" });
    } else {
      expect(text.outlook).toMatch(outlook);
      expect(text.estimate).toBeNull();
    }
  });

  test("is counted over all articles, and unknown until they have told", () => {
    const units = (...available: number[]): Pick<SaleStatus, "items"> => ({
      items: available.map((left) => ({
        sku: "phone",
        stock: 10,
        available: left,
        held: 0,
        sold: 10 - left,
      })),
    });
    expect(availableUnits(units(3, 0, 4))).toBe(7);
    expect(availableUnits(units())).toBeNull();
    expect(availableUnits(null)).toBeNull();
  });
});

function say(spoken: SpokenPlace | null, ahead: number, nowMs: number): string | null {
  const view = viewOf({ ahead });
  const text = waitingText(view, rememberPlace(null, view), 100);
  return placeToSpeak(spoken, text, ahead, nowMs);
}

describe("a screen reader hears the place", () => {
  test("at first, with the estimate, or with what stands against it", () => {
    expect(say(null, 99, 0)).toBe("99 people ahead of you. Estimated wait: 4 to 6 minutes.");
    expect(say(null, 312, 0)).toMatch(/^312 people ahead of you\. 100 left, 312 ahead of you: /);
  });

  test("again when it has halved or a minute has passed, never sooner than 15 s", () => {
    const spoken = { ahead: 312, atMs: 0 };
    expect(say(spoken, 150, 14_000)).toBeNull();
    expect(say(spoken, 150, 15_000)).not.toBeNull();
    expect(say(spoken, 311, 59_000)).toBeNull();
    expect(say(spoken, 311, 60_000)).not.toBeNull();
    expect(say(spoken, 312, 600_000)).toBeNull();
  });
});
