import { describe, expect, it } from "vitest";
import type { LiveBoard, QueueView } from "./contract.ts";
import { isAllHeld, isOfferNews, isToAsk, viewByBoard } from "./follow-board.ts";

const WAITING: QueueView = {
  state: "waiting",
  reason: null,
  number: 7,
  ahead: 4,
  pollAfterMs: 20_000,
  nowServing: 2,
};
const EARLY: QueueView = { ...WAITING, state: "early", number: null, ahead: null, nowServing: 0 };
const ADMITTED: QueueView = { ...WAITING, state: "admitted", ahead: 0, pass: "pass" };

function boardOf(state: string, nowServing: number, more: Partial<LiveBoard> = {}): LiveBoard {
  const queue = { nowServing, message: null };
  return { type: "board", version: 1, state, isHeld: false, queue, revoked: [], ...more };
}

describe("a place by the board", () => {
  it.each<[string, QueueView, LiveBoard, Partial<QueueView>]>([
    ["moves up", WAITING, boardOf("active", 5), { state: "waiting", ahead: 1, nowServing: 5 }],
    ["is next", WAITING, boardOf("active", 6), { ahead: 0, pollAfterMs: 20_000 }],
    ["is invited", WAITING, boardOf("active", 7), { ahead: 0, pollAfterMs: 1000 }],
    ["stands in a pause", WAITING, boardOf("paused", 5), { state: "waiting", ahead: 1 }],
    ["hears of sold out", WAITING, boardOf("sold_out", 2), { state: "closed", reason: "sold_out" }],
    ["hears of the end", ADMITTED, boardOf("ended", 2), { state: "closed", reason: "ended" }],
    [
      "is taken back",
      WAITING,
      boardOf("active", 2, { revoked: [7] }),
      { state: "closed", reason: "revoked", ahead: null },
    ],
    ["stays inside", ADMITTED, boardOf("active", 9), { state: "admitted", pass: "pass" }],
    [
      "stays inside when all is sold",
      ADMITTED,
      boardOf("sold_out", 9),
      { state: "admitted", reason: "sold_out" },
    ],
    ["waits for the start", EARLY, boardOf("prequeue", 0), { state: "early", ahead: null }],
    ["has no number yet", EARLY, boardOf("active", 3), { state: "early", ahead: null }],
    [
      "enters the line at the start",
      { ...EARLY, number: 7 },
      boardOf("active", 3),
      { state: "waiting", ahead: 3 },
    ],
  ])("%s", (_what, view, board, expected) => {
    expect(viewByBoard(view, board)).toMatchObject(expected);
  });
});

describe("a board", () => {
  it.each<[string, QueueView, LiveBoard, LiveBoard | null, boolean]>([
    ["of a turn", WAITING, boardOf("active", 7), boardOf("active", 6), true],
    ["of somebody else's turn", WAITING, boardOf("active", 6), boardOf("active", 5), false],
    ["of a turn that is known", { ...WAITING, nowServing: 7 }, boardOf("active", 9), null, false],
    [
      "after a pause over a turn",
      { ...WAITING, nowServing: 7 },
      boardOf("active", 7),
      boardOf("paused", 7),
      true,
    ],
    ["of a line that is held", WAITING, boardOf("active", 7, { isHeld: true }), null, false],
    ["of the opening", EARLY, boardOf("active", 0), boardOf("prequeue", 0), true],
    ["after the opening", EARLY, boardOf("active", 1), boardOf("active", 0), false],
    ["for who is inside", ADMITTED, boardOf("active", 9), boardOf("active", 1), false],
  ])("%s: whether to ask the shop", (_what, view, board, earlier, expected) => {
    expect(isToAsk(view, board, earlier)).toBe(expected);
  });
});

describe("an offer of the waiting list", () => {
  const offers = (...offered: number[]) =>
    boardOf("active", 9, { items: [{ sku: "sku", offered }] });

  it.each<[string, QueueView, LiveBoard, LiveBoard | null, boolean]>([
    ["names the place", ADMITTED, offers(3, 7), offers(3), true],
    ["names it on the first board", ADMITTED, offers(7), null, true],
    ["was known", ADMITTED, offers(7, 8), offers(7), false],
    ["is for others", ADMITTED, offers(3), null, false],
    ["is for nobody without a number", EARLY, offers(3), null, false],
    ["comes from a system without a list", ADMITTED, boardOf("active", 9), null, false],
  ])("%s", (_, view, board, earlier, isNews) => {
    expect(isOfferNews(view, board, earlier)).toBe(isNews);
  });
});

it.each([
  ["active", [0], true],
  ["active", [0, 1], false],
  ["active", [], false],
  ["sold_out", [0], false],
])("all is held in a sale that is %s with %j available: %s", (state, units, isHeld) => {
  const items = units.map((available) => ({ sku: "sku", available }));
  expect(isAllHeld(boardOf(state, 9, { items }))).toBe(isHeld);
});
