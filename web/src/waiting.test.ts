import { describe, expect, test } from "vitest";
import type { Order, OrderStatus, QueueView, SaleState } from "./contract.ts";
import { orderOf } from "./testing/orders.ts";
import { viewOf } from "./testing/queue-views.ts";
import { chooseScreen, pollCredentials, pollDelayMs, type ScreenFacts } from "./waiting.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);
const END_MS = START_MS + 3_600_000;

function orderIn(status: OrderStatus, lastError?: string): Order {
  return orderOf({ status }, lastError === undefined ? undefined : { lastError });
}

function factsOf(changes: Partial<ScreenFacts> = {}): ScreenFacts {
  return {
    saleState: "active",
    startsAtMs: START_MS,
    endsAtMs: END_MS,
    hasTicket: true,
    view: null,
    order: null,
    isOffer: false,
    isListed: false,
    ...changes,
  };
}

describe("without a place in line the sale decides", () => {
  const cases: readonly [SaleState, number, string][] = [
    ["scheduled", START_MS - 1, "countdown"],
    ["prequeue", START_MS - 1, "countdown"],
    ["scheduled", START_MS, "joining"],
    ["prequeue", START_MS, "joining"],
    ["active", START_MS - 1, "joining"],
    ["active", END_MS, "ended"],
    ["paused", START_MS + 1, "paused"],
    ["sold_out", START_MS + 1, "soldout"],
    ["ended", START_MS + 1, "ended"],
    ["draft", START_MS - 1, "ended"],
  ];
  test.each(cases)("%s at %d shows %s", (saleState, nowMs, screen) => {
    expect(chooseScreen(factsOf({ saleState, hasTicket: false }), nowMs)).toBe(screen);
  });
});

describe("with a ticket the place decides", () => {
  const cases: readonly [Partial<QueueView>, SaleState, string][] = [
    [{ state: "early", number: null, ahead: null }, "prequeue", "countdown"],
    [{}, "active", "waiting"],
    [{ paused: true }, "paused", "paused"],
    [{ state: "admitted" }, "active", "admitted"],
    [{ state: "admitted", paused: true }, "active", "paused"],
    [{ state: "admitted" }, "paused", "paused"],
    [{ state: "admitted" }, "sold_out", "soldout"],
    [{ state: "admitted" }, "ended", "ended"],
    [{ state: "lapsed" }, "active", "lapsed"],
    [{ state: "expired" }, "active", "expired"],
    [{ state: "closed", reason: "sold_out" }, "sold_out", "soldout"],
    [{ state: "closed", reason: "ended" }, "ended", "ended"],
    [{ state: "closed", reason: "revoked" }, "active", "ended"],
    [{ state: "closed", reason: "rejected" }, "active", "ended"],
    [{ state: "left" }, "active", "joining"],
  ];
  test.each(cases)("%o in a sale %s shows %s", (changes, saleState, screen) => {
    expect(chooseScreen(factsOf({ saleState, view: viewOf(changes) }), START_MS)).toBe(screen);
  });

  test("a ticket without a view yet is being looked up", () => {
    expect(chooseScreen(factsOf(), START_MS)).toBe("joining");
  });
});

describe("an order comes before the place", () => {
  const cases: readonly [Order, string][] = [
    [orderIn("RESERVED"), "reserved"],
    [orderIn("RESERVED", "card_declined"), "declined"],
    [orderIn("PAYMENT_PENDING", "card_declined"), "paying"],
    [orderIn("CONFIRMED"), "confirmed"],
    [orderIn("SHIPPED"), "confirmed"],
    [orderIn("DELIVERED"), "confirmed"],
    [orderIn("REFUNDED"), "refunded"],
    [orderOf({ status: "CONFIRMED" }, { status: "refunding" }), "refunding"],
    [
      orderOf({ status: "PAYMENT_PENDING", nextAction: { type: "redirect", url: "/bank" } }),
      "action",
    ],
    [orderOf({ status: "PAYMENT_FAILED" }, { status: "voiding" }), "declined"],
    [orderIn("PAYMENT_FAILED"), "declined"],
    [orderIn("EXPIRED"), "expired"],
  ];
  test.each(cases)("%o shows %s", (order, screen) => {
    const facts = factsOf({ saleState: "ended", view: viewOf({ state: "expired" }), order });
    expect(chooseScreen(facts, START_MS)).toBe(screen);
  });

  test.each([
    [orderIn("RESERVED"), "offered"],
    [orderIn("RESERVED", "card_declined"), "declined"],
    [orderIn("PAYMENT_PENDING"), "paying"],
    [orderIn("EXPIRED"), "expired"],
  ])("%o that was offered shows %s", (order, screen) => {
    const facts = factsOf({ saleState: "sold_out", order, isOffer: true, isListed: true });
    expect(chooseScreen(facts, START_MS)).toBe(screen);
  });

  test("a cancelled one gives way", () => {
    const facts = factsOf({ view: viewOf({ state: "admitted" }), order: orderIn("CANCELLED") });
    expect(chooseScreen(facts, START_MS)).toBe("admitted");
  });
});

describe("a place on the waiting list", () => {
  const cases: readonly [Partial<QueueView>, SaleState, string][] = [
    [{}, "active", "waitlist"],
    [{ state: "admitted" }, "active", "waitlist"],
    [{ state: "lapsed" }, "active", "waitlist"],
    [{ paused: true }, "paused", "waitlist"],
    [{ state: "closed", reason: "sold_out" }, "sold_out", "waitlist"],
    [{ state: "closed", reason: "ended" }, "ended", "ended"],
    [{ state: "early" }, "prequeue", "countdown"],
  ];
  test.each(cases)("beside %o in a sale %s shows %s", (changes, saleState, screen) => {
    const facts = factsOf({ saleState, view: viewOf(changes), isListed: true });
    expect(chooseScreen(facts, START_MS)).toBe(screen);
  });
});

describe("a poll carries", () => {
  const none = { hasPass: false, wasAskedWho: false, renews: false };

  test("the ticket alone while people are ahead, or when nothing is known yet", () => {
    expect(pollCredentials(viewOf(), none)).toEqual({ bearer: false, pass: false });
    expect(pollCredentials(null, none)).toEqual({ bearer: false, pass: false });
  });

  test("the bearer to claim", () => {
    expect(pollCredentials(viewOf({ ahead: 0 }), none).bearer).toBe(true);
    expect(pollCredentials(viewOf(), { ...none, wasAskedWho: true }).bearer).toBe(true);
    const near = viewOf({
      ahead: 3,
      estimate: { minSeconds: 4, maxSeconds: 9 },
      pollAfterMs: 5_000,
    });
    expect(pollCredentials(near, none).bearer).toBe(true);
  });

  test("the pass once there is one, and the bearer with it only for a longer turn", () => {
    const inside = viewOf({ state: "admitted", ahead: 0 });
    const held = { ...none, hasPass: true };
    expect(pollCredentials(inside, held)).toEqual({ bearer: false, pass: true });
    expect(pollCredentials(inside, { ...held, renews: true })).toEqual({
      bearer: true,
      pass: true,
    });
  });
});

describe("the next poll", () => {
  const moment = { hidden: false, sentBearer: false, random: 0.5, nowMs: START_MS };

  test("comes as told, lengthened by at most a fifth", () => {
    expect(pollDelayMs(viewOf(), { ...moment, random: 0 })).toBe(5_000);
    expect(pollDelayMs(viewOf(), { ...moment, random: 0.999 })).toBeLessThanOrEqual(6_000);
  });

  test("has a floor and a ceiling", () => {
    expect(pollDelayMs(viewOf({ pollAfterMs: 0 }), { ...moment, random: 0 })).toBe(250);
    expect(pollDelayMs(viewOf({ pollAfterMs: 1e9 }), { ...moment, random: 0 })).toBe(300_000);
  });

  test("comes at once to claim, then as told until it is granted", () => {
    const invited = viewOf({ ahead: 0, pollAfterMs: 1_000 });
    expect(pollDelayMs(invited, moment)).toBe(0);
    expect(pollDelayMs(invited, { ...moment, sentBearer: true })).toBeGreaterThanOrEqual(1_000);
    expect(pollDelayMs({ ...invited, paused: true }, moment)).toBeGreaterThanOrEqual(1_000);
  });

  test("comes after a draw as told, which is spread already", () => {
    const drawsAt = new Date(START_MS + 20_000).toISOString();
    const drawn = viewOf({ number: null, ahead: null, pollAfterMs: 22_400, drawsAt });
    expect(pollDelayMs(drawn, moment)).toBe(22_400);
    // What was told may be older than the draw.
    expect(pollDelayMs({ ...drawn, pollAfterMs: 1_000 }, moment)).toBe(20_000);
    const past = { ...moment, nowMs: START_MS + 20_001 };
    expect(pollDelayMs({ ...drawn, pollAfterMs: 1_000 }, past)).toBe(1_100);
  });

  test("sleeps in a hidden page that is far away, and wakes in time", () => {
    const hidden = { ...moment, hidden: true, random: 0 };
    expect(pollDelayMs(viewOf(), hidden)).toBe(120_000);
    const near = viewOf({ estimate: { minSeconds: 60, maxSeconds: 90 } });
    expect(pollDelayMs(near, hidden)).toBe(5_000);
    expect(pollDelayMs(viewOf({ estimate: null }), hidden)).toBe(5_000);
  });

  test.each([
    [{ state: "lapsed" }],
    [{ state: "expired" }],
    [{ state: "left" }],
    [{ state: "closed", reason: "ended" }],
  ] as const)("does not come after %o", (changes) => {
    expect(pollDelayMs(viewOf(changes), moment)).toBeNull();
  });

  test("stays slow after sold out, which may reopen", () => {
    const soldOut = viewOf({ state: "closed", reason: "sold_out", pollAfterMs: 30_000 });
    expect(pollDelayMs(soldOut, { ...moment, random: 0 })).toBe(30_000);
  });
});
