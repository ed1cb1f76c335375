import { expect, test } from "vitest";
import { laterPass } from "./session.ts";

const short = { pass: "short", expiresAt: "2026-11-22T12:05:00.000Z" };
const long = { pass: "long", expiresAt: "2026-11-22T12:07:30.000Z" };

test.each([
  [null, null, null],
  [null, short, short],
  [long, null, long],
  // The answer was on its way while another tab had the turn made longer.
  [long, short, long],
  [short, long, long],
  [{ pass: "without end", expiresAt: null }, short, short],
])("of the passes %o and %o that one is kept which lasts longer", (known, told, kept) => {
  expect(laterPass(known, told)).toEqual(kept);
});
