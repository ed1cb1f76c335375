import { describe, expect, test } from "vitest";
import { estimateWait } from "../../domain/queue/estimate.ts";
import type { LiveMessage, QueueView, SaleState } from "./contract.ts";
import { followsBoard, isToAsk, livePollMs, viewByBoard } from "./live-view.ts";

const FLOW = { perSecond: 1, staySeconds: null, spread: 0, known: 0 };
const BEACON = { source: "drand", round: "4711" };
const NOW_MS = Date.UTC(2026, 10, 22, 12);

function viewOf(changes: Partial<QueueView> = {}): QueueView {
  return {
    state: "waiting",
    reason: null,
    paused: false,
    number: 20,
    ahead: 12,
    estimate: null,
    pollAfterMs: 5_000,
    nowServing: 7,
    message: null,
    ...changes,
  };
}

function boardOf(state: SaleState, nowServing = 9, available = 100): LiveMessage {
  return {
    type: "board",
    isHeld: false,
    flow: FLOW,
    revoked: [],
    saleId: "drop",
    state,
    endingSoon: false,
    allHeld: false,
    asOf: "2026-11-22T12:00:00.000Z",
    version: 3,
    serverTime: "2026-11-22T12:00:00.000Z",
    startsAt: "2026-11-22T11:00:00.000Z",
    endsAt: "2026-11-22T13:00:00.000Z",
    items: [{ sku: "phone", stock: 100, available, held: 0, sold: 100 - available }],
    queue: { state, nowServing, lastNumber: 40, ratePerMinute: 60, message: "Hello" },
  };
}

describe("a place by a pushed board", () => {
  test("is the number less those invited, with the rate's interval and the message", () => {
    expect(viewByBoard(viewOf(), boardOf("active"))).toMatchObject({
      state: "waiting",
      ahead: 10,
      nowServing: 9,
      estimate: estimateWait(10, FLOW),
      message: "Hello",
    });
  });

  const cases: readonly [string, Partial<QueueView>, LiveMessage, Partial<QueueView>][] = [
    ["a pause", {}, boardOf("paused"), { state: "waiting", paused: true, estimate: null }],
    ["stock that does not last", {}, boardOf("active", 9, 10), { ahead: 10, estimate: null }],
    ["the turn", {}, boardOf("active", 20), { ahead: 0, estimate: null, pollAfterMs: 1_000 }],
    [
      "a line that is held",
      {},
      { ...boardOf("active"), isHeld: true },
      { paused: true, estimate: null },
    ],
    [
      "a place taken back",
      {},
      { ...boardOf("active"), revoked: [20] },
      { state: "closed", reason: "revoked" },
    ],
    ["the end", {}, boardOf("ended"), { state: "closed", reason: "ended", ahead: null }],
    ["sold out", {}, boardOf("sold_out"), { state: "closed", reason: "sold_out", ahead: null }],
    [
      "a unit that came back",
      { state: "closed", reason: "sold_out", ahead: null },
      boardOf("active"),
      { state: "waiting", reason: null, ahead: 10 },
    ],
    ["the start", { state: "early" }, boardOf("active"), { state: "waiting", ahead: 10 }],
    ["the time before", { state: "early" }, boardOf("prequeue"), { state: "early", ahead: 12 }],
    [
      "a draw at the start",
      { state: "early", number: null, ahead: null, pollAfterMs: 30_000 },
      boardOf("active"),
      { state: "waiting", number: null, ahead: null, pollAfterMs: 1_000 },
    ],
    [
      "a draw to come",
      { number: null, ahead: null, pollAfterMs: 17_000 },
      boardOf("active"),
      { state: "waiting", number: null, ahead: null, pollAfterMs: 17_000 },
    ],
    [
      "a draw that waits for a value",
      { number: null, ahead: null, drawsAfter: BEACON, pollAfterMs: 5_000 },
      { ...boardOf("active"), drawsAfter: BEACON },
      { state: "waiting", number: null, drawsAfter: BEACON, pollAfterMs: 5_000 },
    ],
    [
      "a shop that does not say what a draw waits for",
      { number: null, ahead: null, drawsAfter: BEACON },
      boardOf("active"),
      { drawsAfter: BEACON, pollAfterMs: 5_000 },
    ],
    [
      "a pause of who is inside",
      { state: "admitted", ahead: 0 },
      boardOf("paused", 20),
      { state: "admitted", paused: true, ahead: 0 },
    ],
    [
      "the end of who is inside",
      { state: "admitted" },
      boardOf("ended"),
      { state: "closed", reason: "ended" },
    ],
  ];
  test.each(cases)("follows %s", (_what, before, board, after) => {
    expect(viewByBoard(viewOf(before), board)).toMatchObject(after);
  });

  test("is asked for, once, when the value is there that the draw waited for", () => {
    const before = viewOf({ number: null, ahead: null, drawsAfter: BEACON });
    const board = { ...boardOf("active"), drawsAfter: null };
    const missing = { ...board, drawsAfter: BEACON };
    expect(isToAsk(before, missing, board)).toBe(false);
    expect(isToAsk(before, board, board)).toBe(true);
    const after = viewByBoard(before, board);
    expect(after).toMatchObject({ state: "waiting", pollAfterMs: 1_000 });
    expect(after).not.toHaveProperty("drawsAfter");
    expect(isToAsk(after, board, board)).toBe(false);
    // A value is pushed; when a round is drawn is not.
    expect(livePollMs(before, 5_000, NOW_MS)).toBe(60_000);
    expect(livePollMs(after, 1_000, NOW_MS)).toBe(1_000);
  });

  test.each(["lapsed", "expired", "left"] as const)("that is %s stays so", (state) => {
    const view = viewOf({ state });
    expect(viewByBoard(view, boardOf("active", 30))).toBe(view);
    expect(followsBoard(view)).toBe(false);
  });
});

describe("the shop is asked", () => {
  test("once when the turn comes, and again after a pause", () => {
    const board = boardOf("active", 20);
    expect(isToAsk(viewOf(), boardOf("active", 19), board)).toBe(false);
    expect(isToAsk(viewOf(), board, board)).toBe(true);
    const invited = viewByBoard(viewOf(), board);
    expect(isToAsk(invited, board, board)).toBe(false);
    const paused = viewByBoard(invited, boardOf("paused", 20));
    expect(isToAsk(paused, board, boardOf("paused", 20))).toBe(true);
    const held = { ...board, isHeld: true };
    expect(isToAsk(viewByBoard(invited, held), held, board)).toBe(false);
    expect(isToAsk(viewByBoard(invited, held), board, held)).toBe(true);
    expect(isToAsk(viewOf({ state: "admitted" }), board, board)).toBe(false);
  });

  test("once when a sale opens in which one has no number yet", () => {
    const drawn = viewOf({ state: "early", number: null });
    expect(isToAsk(drawn, boardOf("active"), boardOf("prequeue"))).toBe(true);
    expect(isToAsk(drawn, boardOf("active"), boardOf("active"))).toBe(false);
    expect(isToAsk(drawn, { ...boardOf("active"), isHeld: true }, boardOf("prequeue"))).toBe(true);
    expect(isToAsk(drawn, boardOf("paused"), boardOf("prequeue"))).toBe(true);
    expect(isToAsk(drawn, boardOf("paused"), boardOf("paused"))).toBe(false);
    expect(isToAsk(drawn, boardOf("prequeue"), boardOf("scheduled"))).toBe(false);
  });
});

describe("polls beside a socket that lives", () => {
  test("come once a minute for who waits, and as told for who is invited", () => {
    expect(livePollMs(viewOf(), 5_000, NOW_MS)).toBe(60_000);
    expect(livePollMs(viewOf({ nowServing: 20, ahead: 0 }), 1_000, NOW_MS)).toBe(1_000);
    expect(livePollMs(viewOf({ number: null }), 5_000, NOW_MS)).toBe(5_000);
    expect(livePollMs(viewOf({ state: "left" }), null, NOW_MS)).toBeNull();
  });

  test("come right after a pass has ended", () => {
    const passExpiresAt = new Date(NOW_MS + 30_000).toISOString();
    const inside = viewOf({ state: "admitted", ahead: 0, passExpiresAt });
    expect(livePollMs(inside, 2_000, NOW_MS)).toBe(30_300);
    expect(livePollMs(inside, 2_000, NOW_MS + 30_000)).toBe(2_000);
  });
});
