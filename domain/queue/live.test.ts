import { describe, expect, it } from "vitest";
import type { Board } from "./board.ts";
import { initialControls, QUEUE_DEFAULTS } from "./settings.ts";
import { editionOf, liveMessage, nextTurnMs } from "./live.ts";

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
    levels: [
      { sku: "phone", stock: 5, available: 0, held: 3, sold: 2, waiting: 4, offered: [7, 3] },
    ],
    flow: null,
    controls: { ...initialControls(QUEUE_DEFAULTS), message: "Soon", queueAll: true },
    shuffle: null,
    revoked: [3],
    version: 9,
    asOfMs: START_MS,
    ...fields,
  };
}

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
    items: [
      { sku: "phone", stock: 5, available: 0, held: 3, sold: 2, waiting: 4, offered: [7, 3] },
    ],
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
    drawsAfter: null,
  });
});

it("says nothing of a waiting list that it does not know", () => {
  const item = { sku: "phone", stock: 5, available: 0, held: 3, sold: 2 };
  expect(liveMessage(board({ levels: [item] }), START_MS).items).toEqual([item]);
});

it("says what a draw waits for, and no more of it", () => {
  const named = { source: "drand", round: "4711" };
  const shuffle = { seedHash: "ab", seed: null, ends: [], closed: 7, drawsMax: 1 };
  const waiting = { ...shuffle, nextDrawAtMs: null, publicRandomness: { ...named, value: null } };
  const message = liveMessage(board({ shuffle: waiting }), START_MS);
  expect(message.drawsAfter).toEqual(named);
  expect(JSON.stringify(message)).not.toContain("seedHash");
});

describe("the edition of a board", () => {
  const sale = board({ prequeueStartsAtMs: START_MS - 10 * MINUTE_MS });
  const at = (asOfMs: number, version = 9): number => editionOf({ ...sale, asOfMs, version });

  it("rises with every turn of the clock, and not between them", () => {
    const turns = [sale.prequeueStartsAtMs ?? 0, START_MS, END_MS - 5 * MINUTE_MS, END_MS];
    for (const turnMs of turns) {
      expect(at(turnMs)).toBeGreaterThan(at(turnMs - 1));
      expect(at(turnMs + 1)).toBe(at(turnMs));
    }
  });

  it("rises with every version, whatever the clock says", () => {
    expect(at(START_MS - MINUTE_MS, 10)).toBeGreaterThan(at(END_MS, 9));
    const postponed = { ...sale, startsAtMs: END_MS, endsAtMs: 2 * END_MS, version: 10 };
    expect(editionOf(postponed)).toBeGreaterThan(at(START_MS));
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
