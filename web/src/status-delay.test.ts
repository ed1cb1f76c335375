import { expect, test } from "vitest";
import type { SaleStatus } from "./contract.ts";
import { statusDelayMs } from "./status-delay.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);

function startingIn(ms: number): SaleStatus {
  return { startsAt: new Date(NOW_MS + ms).toISOString() } as SaleStatus;
}

test.each([
  ["long before the start", startingIn(600_000), false, 30_000],
  ["right after the start", startingIn(5_000), false, 5_300],
  ["right after the start, also with a socket", startingIn(5_000), true, 5_300],
  ["in a line", startingIn(-1), false, 15_000],
  ["in a line, with a socket", startingIn(-1), true, 60_000],
])("%s the figures are asked for again", (_when, status, isLive, delayMs) => {
  const model = { view: null, hasTicket: true, status };
  expect(statusDelayMs(model, { isLive, isHidden: false, nowMs: NOW_MS })).toBe(delayMs);
});
