import { expect, it } from "vitest";
import { NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import { renewedUntilMs } from "./session.ts";

const SESSION_SECONDS = 100;

/** A stay that began at noon and ends so many seconds later. */
const until = (seconds: number) => ({
  claimedAtMs: NOON_MS,
  expiresAtMs: NOON_MS + seconds * SECOND_MS,
});

it.each([
  ["nothing in the first half", 100, 49, null],
  ["a whole one from the middle on", 100, 50, 150],
  ["a whole one in the last second", 100, 99, 199],
  ["nothing once it is over", 100, 100, null],
  ["a whole one again, half of one later", 150, 100, 200],
  ["what is left of six", 570, 560, 600],
  ["nothing after six", 600, 590, null],
  ["nothing where sessions were made shorter and it has more", 1_000, 990, null],
])("a session gains %s", (_, endsAfter, nowAfter, renewedUntil) => {
  const renewed = renewedUntilMs(until(endsAfter), SESSION_SECONDS, NOON_MS + nowAfter * SECOND_MS);
  expect(renewed).toBe(renewedUntil === null ? null : NOON_MS + renewedUntil * SECOND_MS);
});
