import { describe, expect, it } from "vitest";
import { caseOf, REQUIRED } from "./cases.ts";
import { LIMITS } from "./limits.ts";
import { batchesOf, dollarsOf, itemsOf, totalOf, USUAL, type Scenario } from "./model.ts";
import { PRICES, type Meter } from "./prices.ts";
import { intakesFor, lanesFor, needsOf } from "./sizing.ts";

function costOf(changes: Partial<Scenario>): number {
  return totalOf(itemsOf({ ...USUAL, ...changes }));
}

function countOf(scenario: Scenario, meter: Meter, who: string, what: string): number {
  const found = itemsOf(scenario).filter(
    (item) => item.meter === meter && item.who === who && item.what === what,
  );
  expect(found).toHaveLength(1);
  return found[0]?.count ?? Number.NaN;
}

describe("batches", () => {
  it.each([
    ["nobody comes", 0, 8, 60, 0.1, 0],
    ["one comes", 1, 8, 60, 0.1, 1],
    ["everybody alone", 60, 1, 60_000, 0.001, 60],
    ["all the time", 1e9, 8, 60, 0.1, 4_800],
    ["as often as one waits", 600, 1, 60, 0.1, 300],
  ])("%s", (_, events, collectors, seconds, delay, expected) => {
    expect(batchesOf(events, collectors, seconds, delay)).toBeCloseTo(expected, 0);
  });
});

describe("what is counted", () => {
  it.each<[meter: Meter, who: string, what: string, expected: number]>([
    ["workerRequests", "gateway", "join", 100_000],
    ["workerRequests", "gateway", "claim", 11_000],
    ["workerRequests", "gateway", "order read", 40_000],
    // 94,500 wait for 900 s.
    ["workerRequests", "gateway", "polls beside a socket", (94_500 * 900 * 0.95) / 60],
    ["objectRequests", "Sku", "outcomes of payments", 20_000],
    ["objectRowsWritten", "Sku", "purchase", 60_000],
    [
      "objectRowsWritten",
      "LiveBoard",
      "tokens of sockets",
      2 * 64 * 60 * (95_000 / (95_000 + 64 * 60)),
    ],
    ["queueOperations", "queues", "payments", 30_000],
    ["d1RowsWritten", "D1", "orders, events, messages", 362_000],
    ["objectGbSeconds", "QueueLane", "awake", 64 * 900 * 0.128],
  ])("%s, %s: %s", (meter, who, what, expected) => {
    expect(countOf(USUAL, meter, who, what)).toBeCloseTo(expected, 3);
  });

  it("goes through intakes in batches", () => {
    const scenario = { ...USUAL, intakes: 64 };
    expect(countOf(scenario, "objectRequests", "SkuIntake", "purchase")).toBe(11_000);
    expect(countOf(scenario, "objectRequests", "Sku", "purchase")).toBeLessThan(11_000);
  });
});

describe("the price", () => {
  it("is on a public list, for one of everything", () => {
    for (const { source, dollars } of Object.values(PRICES)) {
      expect(source).toMatch(/^https:\/\/developers\.cloudflare\.com\//);
      expect(dollars).toBeGreaterThan(0);
    }
    for (const { source } of Object.values(LIMITS)) expect(source).toMatch(/^https:\/\//);
  });

  it("is the sum of its lines, and rises with what is done", () => {
    const items = itemsOf(USUAL);
    expect(totalOf(items)).toBeCloseTo(
      items.map(dollarsOf).reduce((sum, one) => sum + one, 0),
      9,
    );
    const usual = costOf({});
    for (const more of [{ shoppers: 200_000 }, { units: 20_000 }, { minutes: 30 }, { regions: 9 }])
      expect(costOf(more)).toBeGreaterThan(usual);
    expect(costOf({ logPercent: 100 })).toBeGreaterThan(usual);
    expect(costOf({ safetyPollSeconds: 300 })).toBeLessThan(usual);
  });
});

describe("what is needed", () => {
  it.each([
    [100, 8],
    [4_000, 8],
    [4_001, 16],
    [16_667, 64],
  ])("%d joins a second: %d lanes", (joins, lanes) => {
    expect(lanesFor(joins)).toBe(lanes);
  });

  it.each([
    [500, 0],
    [501, 2],
    [5_000, 16],
    [25_000, 64],
  ])("%d purchases of one item a second: %d intakes", (purchases, intakes) => {
    expect(intakesFor(purchases)).toBe(intakes);
  });

  it("is met for the numbers that were asked for, but for 10,000 orders a second", () => {
    const missed = REQUIRED.map(({ name, load }) => ({
      name,
      missed: needsOf(load).flatMap(({ what, isMet }) => (isMet ? [] : [what])),
    }));
    expect(missed.filter((one) => one.missed.length > 0)).toEqual([
      {
        name: "10,000 orders a second for 5 minutes, 3 items",
        missed: [
          "sockets at one LiveBoard",
          "payments due",
          "messages to shoppers, of one priority",
          "the tables, GB",
        ],
      },
    ]);
  });

  it("counts the calls of one item whether or not intakes stand before it", () => {
    const valueOf = (what: string, changes: Partial<Scenario>) =>
      needsOf(caseOf("", changes, { reservationsPerSecond: 25_000 }).load).find(
        (need) => need.what === what,
      );
    const direct = valueOf("purchases at one item", { intakes: 0 });
    expect(direct).toMatchObject({ value: 25_000, isMet: false });
    const batches = valueOf("batches of intakes at one item", {});
    expect(batches).toMatchObject({ value: 500, isMet: true });
  });
});
