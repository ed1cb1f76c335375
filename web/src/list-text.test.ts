import { describe, expect, test } from "vitest";
import type { ItemStatus, SaleState, WaitlistView } from "./contract.ts";
import {
  hasList,
  isOfferedTo,
  listPollMs,
  listText,
  listToSpeak,
  waitersText,
} from "./list-text.ts";

const itemOf = (changes: Partial<ItemStatus> = {}): ItemStatus => ({
  sku: "phone",
  stock: 10,
  available: 0,
  held: 4,
  sold: 6,
  ...changes,
});

test.each([
  [1, 1, "You are next", "1", "Nobody else is waiting"],
  [2, 5, "You are on the waiting list", "2", "5 people wait in all"],
  // The count of everyone is older than the place.
  [3, 2, "You are on the waiting list", "3", "3 people wait in all"],
  [1_204, undefined, "You are on the waiting list", "1,204", null],
])("place %d of %o reads %s, %s, %o", (position, waiting, heading, figure, all) => {
  expect(listText(position, waiting)).toEqual({ heading, position: figure, all });
});

test.each([
  [undefined, null],
  [0, "Nobody is on the waiting list yet."],
  [1, "One person is on the waiting list."],
  [1_500, "1,500 people are on the waiting list."],
])("%o who wait are told as %o", (waiting, words) => {
  expect(waitersText(waiting)).toBe(words);
});

describe("there is a list to join", () => {
  const cases: readonly [SaleState, ItemStatus | undefined, boolean, boolean][] = [
    ["active", itemOf(), false, true],
    ["sold_out", itemOf({ held: 0, sold: 10 }), false, true],
    ["paused", itemOf(), false, true],
    ["active", itemOf({ available: 1 }), false, false],
    // The figures are older than the refusal.
    ["active", itemOf({ available: 1 }), true, true],
    ["active", undefined, false, false],
    ["ended", itemOf(), true, false],
    ["prequeue", itemOf(), false, false],
  ];
  test.each(cases)("in a sale %s with %o, refused %s: %s", (state, item, wasRefused, isThere) => {
    expect(hasList(state, item, wasRefused)).toBe(isThere);
  });
});

test.each([
  [{ offered: [9, 4] }, 4, true],
  [{ offered: [9, 4] }, 5, false],
  [{ offered: [9, 4] }, null, false],
  [{ sku: "case", offered: [4] }, 4, false],
  [{}, 4, false],
])("figures with %o say to number %o that there is an offer: %s", (changes, number, isOffered) => {
  expect(isOfferedTo([itemOf(changes)], "phone", number)).toBe(isOffered);
});

describe("the place is asked for", () => {
  const viewOf = (state: WaitlistView["state"], pollAfterMs: number): WaitlistView => ({
    state,
    position: 1,
    quantity: 1,
    pollAfterMs,
  });
  test.each([
    [viewOf("waiting", 5_000), false, 5_000],
    [viewOf("waiting", 0), false, 1_000],
    [viewOf("waiting", 5_000), true, 30_000],
    [viewOf("waiting", 60_000), true, 60_000],
    [viewOf("offered", 5_000), false, null],
    [viewOf("lapsed", 5_000), false, null],
  ])("after %o, with a socket %s, in %o ms", (view, isLive, delayMs) => {
    expect(listPollMs(view, isLive)).toBe(delayMs);
  });
});

test.each([
  [null, 3, ""],
  [3, 2, "Now number 2 on the waiting list."],
  [2, null, ""],
])("after place %o a screen reader hears of %o: %s", (spoken, position, sentence) => {
  expect(listToSpeak(spoken, position)).toBe(sentence);
});
