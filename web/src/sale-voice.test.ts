import { expect, test } from "vitest";
import { isToSound } from "./sale-voice.ts";
import type { Screen } from "./waiting.ts";

const now = (screen: Screen, isAsked = false) => ({ screen, isAsked });

test.each([
  ["the turn comes", now("waiting"), now("admitted"), true],
  ["the sale resumes for who is inside", now("paused"), now("admitted"), true],
  ["a unit comes back", now("soldout"), now("admitted"), true],
  ["the turn is about to go", now("admitted"), now("admitted", true), true],
  ["it is still about to go", now("admitted", true), now("admitted", true), false],
  ["the page opens in the middle of a turn", null, now("admitted"), false],
  ["the place was being looked up", now("joining"), now("admitted"), false],
  ["the order is put aside", now("expired"), now("admitted"), false],
  ["one comes back from the list", now("waitlist"), now("offered"), true],
  ["it is offered still", now("offered"), now("offered"), false],
  ["an offer is declined by the bank and held", now("paying"), now("offered"), false],
  ["the page opens with an offer", null, now("offered"), false],
  ["nothing has come", now("waiting"), now("waiting"), false],
])("a sound when %s: %o, %o", (_what, before, after, isHeard) => {
  expect(isToSound(before, after)).toBe(isHeard);
});
