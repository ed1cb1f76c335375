import { describe, expect, it } from "vitest";
import type { Board } from "./board.ts";
import { initialControls, QUEUE_DEFAULTS } from "./settings.ts";
import { isNews, LIVE_SHARDS, liveMessage, liveShardOf, nextTurnMs } from "./live.ts";

const START_MS = Date.UTC(2030, 0, 1, 12);
const MINUTE_MS = 60_000;
const END_MS = START_MS + 60 * MINUTE_MS;

function board(fields: Partial<Board> = {}): Board {
  return {
    saleId: "drop",
    state: "active",
    endingSoon: false,
    mode: "open",
    prequeueStartsAtMs: null,
    startsAtMs: START_MS,
    endsAtMs: END_MS,
    cursor: 7,
    lastNumber: 20,
    invitedPerSecond: 2,
    levels: [{ sku: "phone", stock: 5, available: 0, held: 3, sold: 2 }],
    flow: null,
    controls: { ...initialControls(QUEUE_DEFAULTS), message: "Soon", queueAll: true },
    shuffle: null,
    revoked: [3],
    version: 9,
    asOfMs: START_MS,
    ...fields,
  };
}

describe("the shard of a shopper", () => {
  it("spreads a crowd evenly, on at most 64 objects", () => {
    expect(LIVE_SHARDS).toBeLessThanOrEqual(64);
    const crowd = 32_000;
    const counts = Array.from({ length: LIVE_SHARDS }, () => 0);
    for (let shopper = 0; shopper < crowd; shopper++) {
      const shard = liveShardOf(`binding-${shopper}`);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan((crowd / LIVE_SHARDS) * 1.2);
    expect(Math.min(...counts)).toBeGreaterThan((crowd / LIVE_SHARDS) * 0.8);
  });
});

it("says what the status says, told apart by its type and version", () => {
  expect(liveMessage(board(), START_MS + 1)).toEqual({
    type: "board",
    saleId: "drop",
    state: "active",
    endingSoon: false,
    allHeld: true,
    asOf: "2030-01-01T12:00:00.000Z",
    version: 9,
    serverTime: "2030-01-01T12:00:00.001Z",
    startsAt: "2030-01-01T12:00:00.000Z",
    endsAt: "2030-01-01T13:00:00.000Z",
    items: [{ sku: "phone", stock: 5, available: 0, held: 3, sold: 2 }],
    queue: {
      state: "active",
      nowServing: 7,
      lastNumber: 20,
      ratePerMinute: 120,
      message: "Soon",
    },
    isHeld: true,
    flow: null,
    revoked: [3],
  });
});

describe("news", () => {
  it.each([
    ["the first board", board(), null, true],
    ["the same again", board({ asOfMs: END_MS }), board(), false],
    ["a newer version", board({ version: 10 }), board(), true],
    ["what is older", board({ version: 8 }), board(), false],
    ["a state that the clock brought", board({ state: "ended" }), board(), true],
    ["an end that has come near", board({ endingSoon: true }), board(), true],
  ])("%s: %o after %o", (_what, now, earlier, expected) => {
    expect(isNews(now, earlier)).toBe(expected);
  });
});

describe("the next turn of the clock", () => {
  const sale = board({ prequeueStartsAtMs: START_MS - 10 * MINUTE_MS });
  it.each([
    ["before early entry", START_MS - 11 * MINUTE_MS, START_MS - 10 * MINUTE_MS],
    ["at the moment of early entry", START_MS - 10 * MINUTE_MS, START_MS],
    ["in a sale that runs", START_MS, END_MS - 5 * MINUTE_MS],
    ["when the end is near", END_MS - 5 * MINUTE_MS, END_MS],
    ["after the end", END_MS, Infinity],
  ])("%s", (_when, nowMs, turnMs) => {
    expect(nextTurnMs(sale, nowMs)).toBe(turnMs);
  });
});
