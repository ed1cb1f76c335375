import { describe, expect, test } from "vitest";
import { drawText, earlyDrawText } from "./draw-text.ts";
import { viewOf } from "./testing/queue-views.ts";

const BEACON = { source: "drand", round: "4711" };

describe("a draw in words", () => {
  test.each([
    [{ queueingMethod: "random" }, "in this half minute"],
    [{ shuffleAtStart: true }, "before the start"],
  ] as const)("says who is in it: %j", (queue, who) => {
    const { now, explained } = drawText({ queue }, viewOf({ number: null, ahead: null }));
    expect(now).toBe("Drawing the places…");
    expect(explained).toContain(`Everyone who came ${who} gets`);
  });

  test("says what it waits for, and that nobody could know it", () => {
    const queue = { queueingMethod: "random", publicRandomness: BEACON } as const;
    const view = viewOf({ number: null, ahead: null, drawsAfter: BEACON });
    const { now, explained } = drawText({ queue }, view);
    expect(now).toBe("Places are drawn as soon as drand round 4711 is known.");
    expect(explained).toContain("Everyone who came before the start");
  });

  test.each([
    [{}, null],
    [{ shuffleAtStart: true }, "in the moment the sale opens"],
    [
      { queueingMethod: "random", publicRandomness: BEACON },
      "when the sale is open and drand round 4711 is known",
    ],
  ] as const)("is promised before the start: %j", (queue, when) => {
    const text = earlyDrawText({ queue });
    if (when === null) expect(text).toBeNull();
    else expect(text).toContain(`by a public draw, ${when}.`);
  });
});
