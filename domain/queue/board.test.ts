import { assert, constantFrom, double, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { level, MINUTE_MS, NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import { initialControls, QUEUE_DEFAULTS } from "./settings.ts";
import type { SaleState, StockLevel } from "../purchase/sale.ts";
import {
  BOARD_CLAIM_MAX_AGE_MS,
  boardAt,
  mayBeInvited,
  placeOf,
  type Board,
  type Placement,
} from "./board.ts";

const CONTROLS = initialControls(QUEUE_DEFAULTS);

/** A sale that runs: 1 to 100 are invited, 1,000 came, ten a second get in. */
function board(changes: Partial<Board> = {}): Board {
  return {
    saleId: "drop",
    state: "active",
    endingSoon: false,
    mode: "open",
    prequeueStartsAtMs: null,
    startsAtMs: NOON_MS - MINUTE_MS,
    endsAtMs: NOON_MS + 60 * MINUTE_MS,
    cursor: 100,
    lastNumber: 1_000,
    invitedPerSecond: 10,
    flow: { perSecond: 10, staySeconds: null, spread: 0, known: 0 },
    levels: [level(5_000)],
    shuffle: null,
    controls: CONTROLS,
    revoked: [],
    version: 1,
    asOfMs: NOON_MS,
    ...changes,
  };
}

function place(number: number, changes: Partial<Board> = {}, nowMs = NOON_MS): Placement {
  const ticket = { saleId: "drop", lane: 0, number, arrivedAtMs: NOON_MS, binding: "b" };
  return placeOf(ticket, board(changes), nowMs);
}

describe("a place by the board", () => {
  it.each([
    { number: 1, ahead: 0, invited: true },
    { number: 100, ahead: 0, invited: true },
    { number: 101, ahead: 0, invited: false },
    { number: 102, ahead: 1, invited: false },
    { number: 1_000, ahead: 899, invited: false },
  ])("number $number: $ahead ahead, invited: $invited", ({ number, ahead, invited }) => {
    const { view, invited: isInvited } = place(number);
    expect(isInvited).toBe(invited);
    expect(view).toMatchObject({ state: "waiting", number, ahead, reason: null, nowServing: 100 });
  });

  it.each<[state: SaleState, view: string, reason: string | null, paused: boolean]>([
    ["draft", "early", null, false],
    ["scheduled", "early", null, false],
    ["prequeue", "early", null, false],
    ["active", "waiting", null, false],
    ["paused", "waiting", null, true],
    ["ended", "closed", "ended", false],
  ])("in a sale that is %s is shown as %s", (state, viewState, reason, paused) => {
    expect(place(500, { state }).view).toMatchObject({ state: viewState, reason, paused });
  });

  it("is closed for everyone outside when nothing is left, also for those invited", () => {
    const soldOut = { state: "sold_out" as const, levels: [level(50, 0, 50)] };
    for (const number of [50, 500]) {
      const { view, invited } = place(number, soldOut);
      expect(view).toMatchObject({ state: "closed", reason: "sold_out", ahead: null, number });
      expect(invited).toBe(false);
    }
  });

  it("stays open while one item of several has units, and while holds may come back", () => {
    const levels = [level(5, 0, 5, "a"), level(5, 0, 0, "b")];
    expect(place(500, { levels }).view.state).toBe("waiting");
    const allHeld = place(500, { levels: [level(5, 1, 4)] }).view;
    expect(allHeld).toMatchObject({ state: "waiting", estimate: null });
  });

  it("shows the message to everyone", () => {
    const message = "Back in five minutes.";
    expect(place(500, { controls: { ...CONTROLS, message } }).view.message).toBe(message);
  });

  it("stands still for everyone not inside while all are held in line", () => {
    const { view } = place(500, { controls: { ...CONTROLS, queueAll: true } });
    expect(view).toMatchObject({ state: "waiting", paused: true, estimate: null, ahead: 399 });
  });

  it("is over for a number that was revoked, invited or not, and for no other", () => {
    const revoked = [50, 500];
    for (const number of revoked) {
      const { view, invited } = place(number, { revoked });
      expect(view).toMatchObject({ state: "closed", reason: "revoked", ahead: null });
      expect(invited).toBe(false);
    }
    expect(place(499, { revoked }).view.state).toBe("waiting");
  });

  it.each<[state: SaleState]>([["draft"], ["scheduled"], ["prequeue"], ["ended"]])(
    "is not invited while the sale is %s, whatever the cursor",
    (state) => {
      expect(place(1, { state }).invited).toBe(false);
    },
  );

  it.each<[changes: Partial<Board>]>([
    [{ state: "paused" }],
    [{ levels: [level(5, 5)] }],
    [{ invitedPerSecond: 0 }],
  ])("is not invited past the cursor: %j", (changes) => {
    expect(place(101, changes).invited).toBe(false);
    expect(place(100, changes).invited).toBe(true);
  });

  it("claims by a board of at most ten seconds, and stands by an older one", () => {
    expect(place(1, {}, NOON_MS + BOARD_CLAIM_MAX_AGE_MS).invited).toBe(true);
    const late = place(1, {}, NOON_MS + BOARD_CLAIM_MAX_AGE_MS + 1);
    expect(late.invited).toBe(false);
    expect(late.view).toMatchObject({ state: "waiting", ahead: 0, number: 1 });
  });
});

describe("the estimate in a view", () => {
  it("comes from those ahead and the rate", () => {
    expect(place(200).view.estimate).toEqual({ minSeconds: 9, maxSeconds: 14 });
  });

  it.each<[name: string, number: number, changes: Partial<Board>]>([
    ["someone invited", 100, {}],
    ["a line whose pace nobody knows", 200, { flow: null }],
    ["a paused sale", 200, { state: "paused" }],
    ["units that are all held", 200, { levels: [level(50, 50)] }],
    ["an early shopper", 200, { state: "prequeue" }],
    ["a sale that is over", 200, { state: "ended" }],
  ])("is not given to %s", (_, number, changes) => {
    expect(place(number, changes).view.estimate).toBeNull();
  });
});

describe("a board that was made a moment ago", () => {
  const startsAtMs = NOON_MS + 1_000;
  const made = board({
    state: "scheduled",
    prequeueStartsAtMs: NOON_MS + 500,
    startsAtMs,
    endsAtMs: startsAtMs + 10 * MINUTE_MS,
  });

  it.each<[afterMs: number, state: SaleState, endingSoon: boolean]>([
    [0, "scheduled", false],
    [500, "prequeue", false],
    [999, "prequeue", false],
    [1_000, "active", false],
    [1_000 + 5 * MINUTE_MS, "active", true],
    [1_000 + 10 * MINUTE_MS, "ended", false],
  ])("%i ms later the sale is judged %s", (afterMs, state, endingSoon) => {
    expect(boardAt(made, NOON_MS + afterMs)).toEqual({ ...made, state, endingSoon });
  });

  it("keeps what no clock changes: a pause, and what was sold", () => {
    const later = startsAtMs + 1;
    expect(boardAt({ ...made, mode: "paused" }, later).state).toBe("paused");
    expect(boardAt({ ...made, levels: [level(5, 0, 5)] }, later).state).toBe("sold_out");
  });
});

/** Polls are spread by 15 percent to either side of these. */
describe("the pause before the next poll", () => {
  it.each<[name: string, number: number, changes: Partial<Board>, baseMs: number]>([
    ["next in line", 101, {}, 1_000],
    ["a tenth of a minute away", 1_101, {}, 16_000],
    ["far away", 100_000, {}, 20_000],
    ["no rate known", 200, { flow: null }, 4_000],
    ["sold out", 200, { levels: [level(5, 0, 5)] }, 20_000],
    ["ended", 200, { state: "ended" }, 20_000],
    ["paused, near the head", 200, { state: "paused" }, 2_000],
    ["paused, far from it", 201, { state: "paused" }, 20_000],
    ["the last that the stock can serve", 150, { levels: [level(50)] }, 1_000],
    ["right behind the last unit", 151, { levels: [level(50)] }, 2_000],
    ["far behind the last unit", 251, { levels: [level(50)] }, 20_000],
    ["all held, near the head", 101, { levels: [level(5, 5)] }, 2_000],
    ["all held, far from it", 900, { levels: [level(5, 5)] }, 20_000],
    ["an hour early", 1, { state: "prequeue", startsAtMs: NOON_MS + 3_600_000 }, 30_000],
    ["ten seconds early", 1, { state: "prequeue", startsAtMs: NOON_MS + 10_000 }, 10_000],
    ["at the start", 1, { state: "prequeue", startsAtMs: NOON_MS }, 1_000],
  ])("%s", (_, number, changes, baseMs) => {
    const { pollAfterMs } = place(number, changes).view;
    expect(pollAfterMs).toBeGreaterThanOrEqual(baseMs * 0.85);
    expect(pollAfterMs).toBeLessThanOrEqual(baseMs * 1.15);
  });

  it("of someone invited is a quarter of a second: the lane holds each look", () => {
    expect(place(100).view.pollAfterMs).toBe(250);
    expect(place(100, { state: "paused", mode: "paused" }).view.pollAfterMs).toBe(2_000);
    expect(place(100, {}, NOON_MS + BOARD_CLAIM_MAX_AGE_MS + 1).view.pollAfterMs).toBe(2_000);
  });

  it("is spread over a crowd, so that it does not fall into step", () => {
    const pauses = Array.from({ length: 1_000 }, (_, index) => {
      return place(50_000 + index).view.pollAfterMs;
    });
    expect(new Set(pauses).size).toBeGreaterThan(900);
    const meanMs = pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
    expect(meanMs).toBeGreaterThan(19_500);
    expect(meanMs).toBeLessThan(20_500);
  });
});

describe("whatever the board says", () => {
  const states: SaleState[] = ["draft", "scheduled", "prequeue", "active", "paused", "ended"];
  const anyBoard = record({
    state: constantFrom(...states),
    cursor: integer({ min: 0, max: 2_000 }),
    invitedPerSecond: double({ min: 0, max: 500, noNaN: true }),
    startsAtMs: integer({ min: NOON_MS - MINUTE_MS, max: NOON_MS + 60 * MINUTE_MS }),
    levels: constantFrom<StockLevel[]>([level(5)], [level(5, 5)], [level(5, 0, 5)], []),
  });
  const anyNumber = integer({ min: 1, max: 5_000_000 });

  it("polls come between 0.25 and 34.5 seconds and nobody is behind less than nobody", () => {
    assert(
      property(anyBoard, anyNumber, (changes, number) => {
        const { view } = place(number, changes);
        expect(Number.isInteger(view.pollAfterMs)).toBe(true);
        expect(view.pollAfterMs).toBeGreaterThanOrEqual(250);
        expect(view.pollAfterMs).toBeLessThanOrEqual(34.5 * SECOND_MS);
        expect(view.ahead ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("a place never gets worse while the cursor moves on", () => {
    assert(
      property(anyBoard, anyNumber, integer({ min: 0, max: 500 }), (changes, number, moved) => {
        const before = place(number, changes);
        const after = place(number, { ...changes, cursor: changes.cursor + moved });
        expect(after.view.ahead ?? 0).toBeLessThanOrEqual(before.view.ahead ?? 0);
        if (before.invited) expect(after.invited).toBe(true);
      }),
    );
  });
});

describe("whether the line may have reached somebody since a board was made", () => {
  it.each([
    ["some places, in no time", 105, {}, 0, true],
    ["not more", 106, {}, 0, false],
    ["twice as far as its rate", 125, {}, 1_000, true],
    ["not further", 126, {}, 1_000, false],
    ["nor further than twice its room", 112, { totalActiveUsers: 3 }, 1_000, false],
    ["not by a board that is too old to claim by", 105, {}, 11_000, false],
    ["not while it is held", 105, { queueAll: true }, 0, false],
  ])("%s", (_, number, controls, ageMs, may) => {
    const changes = { controls: { ...CONTROLS, ...controls } };
    const { view } = place(number, changes, NOON_MS + ageMs);
    expect(mayBeInvited(view, board(changes), NOON_MS + ageMs)).toBe(may);
  });

  it("not without a number, nor when all is sold", () => {
    const { view } = place(101);
    expect(mayBeInvited({ ...view, number: null }, board(), NOON_MS)).toBe(false);
    expect(mayBeInvited({ ...view, state: "closed" }, board(), NOON_MS)).toBe(false);
  });
});
