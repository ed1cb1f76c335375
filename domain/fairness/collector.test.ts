import { assert, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogEntry, LogEvent } from "../log/leaf.ts";
import { permute } from "../queue/permutation.ts";
import { seededRandom } from "../random.ts";
import { sha256Hex } from "../hash.ts";
import { FairnessCollector } from "./collector.ts";
import type { FairnessReport } from "./report.ts";
import { entriesOf, logs, NOON_MS, sampleTerms } from "./testing/history.ts";
import * as plain from "./testing/plain-report.ts";

function reportOf(entries: readonly LogEntry[]): FairnessReport {
  const collector = new FairnessCollector();
  for (const entry of entries) collector.take(entry);
  return collector.report(seededRandom(1));
}

type Told = LogEvent & { after: number };

/** A line of these terms, and what came after it was opened. */
function lineOf(events: readonly Told[], terms = sampleTerms()): FairnessReport {
  return reportOf(entriesOf([{ after: -60_000, kind: "opened", terms }, ...events]));
}

const joined = (number: number, after: number, arrivedAfter = after, binding = ""): Told => ({
  after,
  kind: "joined",
  number,
  arrivedAtMs: NOON_MS + arrivedAfter,
  stampMs: NOON_MS + arrivedAfter,
  binding,
});
const granted = (number: number, after: number): Told => ({
  after,
  kind: "granted",
  number,
  expiresAtMs: NOON_MS + after + 40_000,
});

describe("a report, of any log", () => {
  const holds = (check: (report: FairnessReport, entries: LogEntry[]) => void): void => {
    assert(
      property(logs, (entries) => {
        check(reportOf(entries), entries);
      }),
      { numRuns: 300 },
    );
  };

  it("tells how far the numbers are from the arrivals", () => {
    holds(({ arrivalToNumber, joined }, entries) => {
      const arrivals = plain.arrivalsOf(entries);
      expect(joined).toBe(arrivals.length);
      expect(arrivalToNumber).toMatchObject(plain.tauOf(arrivals));
    });
  });

  it("tells how far admissions are from the numbers, and who was overtaken while asking", () => {
    holds(({ numberToAdmission, admitted }, entries) => {
      const numbers = plain.grantsOf(entries).map(({ number }) => number);
      expect(admitted).toBe(numbers.length);
      const overtaken = plain.overtakenIn(entries);
      expect(numberToAdmission).toMatchObject({ ...plain.tauOf(numbers), overtaken });
    });
  });

  it("holds capacity and rate against what was set", () => {
    holds(({ capacity, rate }, entries) => {
      const { totalActiveUsers, newUsersPerMinute } = sampleTerms();
      const first = { totalActiveUsers, newUsersPerMinute, suspended: false };
      const moments = plain
        .admissionsOf(entries)
        .map(({ led, inside, within }) => ({ inside, within, set: led ?? first }));
      const bound = (count: "inside" | "within", set: "totalActiveUsers" | "newUsersPerMinute") =>
        plain.boundOf(
          moments.map((one) => ({
            count: one[count],
            setting: one.set.suspended ? null : one.set[set],
          })),
        );
      expect(capacity).toEqual(bound("inside", "totalActiveUsers"));
      expect(rate).toEqual(bound("within", "newUsersPerMinute"));
    });
  });

  it("counts who came, who did not, and who left", () => {
    holds(({ noShows, duplicates }, entries) => {
      const turns = plain.numbersOf(entries).map((number) => plain.turnOf(entries, number));
      const count = (is: (turn: (typeof turns)[number]) => boolean) => turns.filter(is).length;
      const [came, lapsed] = [count((turn) => turn.came), count((turn) => turn.lapsed)];
      expect(noShows).toMatchObject({
        decided: came + lapsed,
        lapsed,
        left: count((turn) => turn.left),
      });
      expect(duplicates.grants).toBe(turns.reduce((sum, turn) => sum + turn.wrongGrants, 0));
    });
  });

  it("says how many of the first arrivals were the first to be let in", () => {
    holds(({ arrivalToAdmission }, entries) => {
      const arrivals = plain.arrivalsOf(entries);
      const came = arrivals.flatMap((atMs, offset) => {
        const { grantedAtMs, lapsed, ended } = plain.turnOf(entries, offset + 1);
        return grantedAtMs === null && (lapsed || ended) ? [] : [{ atMs, number: offset + 1 }];
      });
      const admitted = plain
        .grantsOf(entries)
        .map(({ number }) => came.findIndex((one) => one.number === number))
        .filter((position) => position >= 0);
      const times = came.map(({ atMs }) => atMs);
      const inTime = admitted.map((position) => times[position] ?? 0);
      expect(arrivalToAdmission).toMatchObject(plain.tauOf(inTime));
      for (const { k, share } of arrivalToAdmission?.first ?? [])
        expect(share).toBe(plain.firstShareOf(times, admitted, k));
    });
  });
});

describe("a report", () => {
  it("is of nobody for an empty log", () => {
    const report = reportOf([]);
    expect(report).toMatchObject({ entries: 0, joined: 0, admitted: 0, isFinal: false });
    expect(report).toMatchObject({ wait: null, cohorts: [], estimates: null, lot: null });
  });

  it("is final when the sale has ended", () => {
    const report = lineOf([
      { after: 0, kind: "turned", turn: "started" },
      { after: 9, kind: "turned", turn: "ended" },
    ]);
    expect(report).toMatchObject({ isFinal: true, startedAtMs: NOON_MS, endedAtMs: NOON_MS + 9 });
  });

  it("finds a number that was given twice, and one that was left out", () => {
    expect(lineOf([joined(1, 0), joined(2, 1)]).duplicates.numbers).toBe(0);
    expect(lineOf([joined(1, 0), joined(1, 1), joined(3, 2)]).duplicates.numbers).toBe(2);
  });

  it("finds a shopper with two places that stand, and none who had to come again", () => {
    const shopper = "ab".repeat(32);
    const twice = [joined(1, 0, 0, shopper), joined(2, 5, 5, shopper)];
    const places = (more: readonly Told[]) => lineOf([...twice, ...more]).duplicates.places;
    expect(places([])).toBe(1);
    expect(places([{ after: 9, kind: "over", number: 1, how: "left" }])).toBe(0);
    expect(places([{ after: 9, kind: "lapsed", first: 1, through: 1 }])).toBe(0);
    expect(places([granted(1, 1)])).toBe(1);
    expect(places([granted(1, 1), { after: 40_001, kind: "invited", first: 1, through: 1 }])).toBe(
      0,
    );
    const renewed: Told = { after: 2, kind: "renewed", number: 1, expiresAtMs: NOON_MS + 60_000 };
    const later: Told = { after: 50_000, kind: "invited", first: 1, through: 1 };
    expect(places([granted(1, 1), renewed, later])).toBe(1);
  });

  it("tells who is far from where their arrival belongs, and by how much", () => {
    const late = Array.from({ length: 12 }, (_, at) => joined(at + 1, 20, at === 0 ? 19 : at));
    const { arrivalToNumber, outliers } = lineOf(late);
    expect(arrivalToNumber).toMatchObject({ reorderWindowMs: 5, beyondWindow: 2 });
    expect(arrivalToNumber.displacedPlaces).toEqual({ p50: 1, p99: 11, max: 11 });
    expect(arrivalToNumber.displacedMs).toEqual({ p50: 1, p99: 18, max: 18 });
    expect(outliers).toHaveLength(10);
    expect(outliers.slice(0, 2)).toEqual([
      { number: 1, places: 11, ms: 18 },
      { number: 2, places: 1, ms: 1 },
    ]);
  });

  it("counts waits from the start for who came before it, in parts of those who came", () => {
    const events = Array.from({ length: 20 }, (_, at) => joined(at + 1, at - 15));
    const { wait, cohorts } = lineOf([
      ...events,
      { after: 0, kind: "turned", turn: "started" },
      granted(1, 100),
      granted(2, 200),
      granted(20, 304),
    ]);
    expect(wait).toEqual({ admitted: 3, p50Ms: 200, p90Ms: 300, p99Ms: 300 });
    expect(cohorts).toEqual([
      {
        fromMs: NOON_MS - 15,
        throughMs: NOON_MS - 6,
        joined: 10,
        wait: { admitted: 2, p50Ms: 100, p90Ms: 200, p99Ms: 200 },
      },
      {
        fromMs: NOON_MS - 5,
        throughMs: NOON_MS + 4,
        joined: 10,
        wait: { admitted: 1, p50Ms: 300, p90Ms: 300, p99Ms: 300 },
      },
    ]);
  });

  it("cuts a long line into 24 parts of the same size", () => {
    const { cohorts } = lineOf(Array.from({ length: 2_400 }, (_, at) => joined(at + 1, at)));
    expect(cohorts.map(({ joined }) => joined)).toEqual(Array.from({ length: 24 }, () => 100));
  });

  it("holds estimates against what came", () => {
    const shown = (number: number): Told => ({
      after: 0,
      kind: "estimated",
      number,
      minSeconds: 10,
      maxSeconds: 20,
    });
    const events: Told[] = [
      ...[1, 2, 3, 4, 5, 6].map(shown),
      granted(1, 9_999),
      granted(2, 10_000),
      granted(3, 20_000),
      granted(4, 20_001),
      { after: 30_000, kind: "lapsed", first: 5, through: 5 },
    ];
    const held = { shown: 6, early: 1, held: 2, widthSeconds: 10 };
    expect(lineOf(events).estimates).toMatchObject({
      ...held,
      judged: 5,
      late: 2,
      widthShare: 0.5,
    });
    const ended: Told = { after: 31_000, kind: "turned", turn: "ended" };
    expect(lineOf([...events, ended]).estimates).toMatchObject({ ...held, judged: 4, late: 1 });
  });

  it("does not judge a line that is open to all by bounds, nor who came before one was lowered", () => {
    const open = sampleTerms({ queueingMethod: "passthrough" });
    const three = [granted(1, 0), granted(2, 1), granted(3, 2)];
    expect(lineOf(three, open).capacity).toEqual({ peak: 3, setting: null, overshoot: 0 });
    expect(lineOf(three).capacity).toEqual({ peak: 3, setting: 2, overshoot: 1 });
    const { totalActiveUsers: _, ...controls } = sampleTerms();
    const led = {
      ...controls,
      totalActiveUsers: 1,
      queueAll: false,
      suspended: false,
      draining: false,
    };
    const lowered: Told = { after: 3, kind: "led", controls: led };
    expect(lineOf([granted(1, 0), granted(2, 1), lowered]).capacity.overshoot).toBe(0);
    expect(lineOf([granted(1, 0), lowered, granted(2, 4)]).capacity).toMatchObject({
      overshoot: 1,
    });
  });
});

describe("a report, at its edges", () => {
  it("counts the rate over less than 60 seconds", () => {
    const two = (after: number) => lineOf([granted(1, 0), granted(2, after)]).rate.peak;
    expect([two(59_999), two(60_000)]).toEqual([2, 1]);
  });

  it("takes for beyond the window what is later than it", () => {
    const late = (ms: number) => lineOf([joined(1, 9, ms), joined(2, 9, 0)]).arrivalToNumber;
    expect([late(5).beyondWindow, late(6).beyondWindow]).toEqual([0, 2]);
  });

  it("tells of the moment that went furthest beyond what was set then", () => {
    const wide = { ...sampleTerms(), totalActiveUsers: 9, queueAll: false, suspended: false };
    const widened: Told = { after: 4, kind: "led", controls: { ...wide, draining: false } };
    const three = [granted(1, 0), granted(2, 1), granted(3, 2)];
    const more = [...three, widened, granted(4, 5), granted(5, 6)];
    expect(lineOf(more).capacity).toEqual({ peak: 3, setting: 2, overshoot: 1 });
    const out: Told = { after: 3, kind: "over", number: 1, how: "finished" };
    expect(lineOf([granted(1, 0), out, granted(2, 4), granted(3, 5)]).capacity.overshoot).toBe(0);
  });

  it("does not hold it against anybody that others ask behind them, or do not come", () => {
    const asked = (number: number): Told => ({ after: 1, kind: "asked", number });
    const overtaken = (...events: Told[]) => lineOf(events).numberToAdmission.overtaken;
    expect(overtaken(asked(2), granted(3, 2))).toBe(1);
    expect(overtaken(asked(3), granted(2, 2))).toBe(0);
    expect(overtaken({ after: 1, kind: "invited", first: 1, through: 3 }, granted(3, 2))).toBe(0);
    // Numbers that are far from each other.
    expect(overtaken(asked(10), asked(300), granted(11, 2), granted(2_000, 3))).toBe(3);
  });

  it("leaves out of the first arrivals who did not come", () => {
    const all = Array.from({ length: 20 }, (_, at) => joined(at + 1, at));
    const lapsed: Told = { after: 30, kind: "lapsed", first: 1, through: 10 };
    const ten = Array.from({ length: 10 }, (_, at) => granted(at + 11, 40 + at));
    expect(lineOf([...all, lapsed, ...ten]).arrivalToAdmission?.first).toEqual([
      { k: 1, share: 1 },
      { k: 10, share: 1 },
    ]);
  });

  it("knows no shopper by a binding that lanes of an older version left out", () => {
    expect(lineOf([joined(1, 0), joined(2, 1)]).duplicates.places).toBe(0);
  });

  it("forgets nobody while it grows", () => {
    const all = Array.from({ length: 500 }, (_, at) => joined(at + 1, 600, 500 - at));
    expect(lineOf(all).arrivalToNumber).toMatchObject({ tau: 1, pairs: (500 * 499) / 2 });
  });
});

describe("a line that is drawn", () => {
  const count = 3_000;
  const terms = sampleTerms({ drawsMax: 1, seedHash: "x", shuffleAtStart: true });
  const entered = (index: number, after: number): Told => ({
    after,
    kind: "joined",
    index,
    arrivedAtMs: NOON_MS + after,
    stampMs: NOON_MS + after,
    binding: "",
  });
  const early = Array.from({ length: count }, (_, at) => entered(at + 1, at - count));
  const late = entered(count + 1, 5);
  const start: Told[] = [
    { after: 0, kind: "turned", turn: "started" },
    { after: 0, kind: "drawn", draw: 1, joined: count },
  ];

  it("has numbers when the seed is known", () => {
    expect(lineOf([...early, ...start], terms)).toMatchObject({ numbered: 0, lot: null });
    const revealed: Told = { after: 1, kind: "revealed", draw: 1, seed: "s" };
    const report = lineOf([...early, ...start, revealed, late], terms);
    expect(report).toMatchObject({ joined: count + 1, numbered: count + 1 });
    expect(report.arrivalToNumber.tau).toBe(0);
  });

  it.each([
    ["its own seed", [], "seed"],
    ["a public value", ["value"], sha256Hex("seed/value")],
  ])("is by lot, by %s: what is told is told of who has the number", (_what, values, seed) => {
    const randomness = values.map((value): Told => ({
      after: 0,
      kind: "randomness",
      source: "beacon",
      round: "1",
      value,
    }));
    const revealed: Told = { after: 1, kind: "revealed", draw: 1, seed: "seed" };
    const report = lineOf([...early, ...start, ...randomness, revealed], terms);
    expect(report).toMatchObject({ arrivalToAdmission: null, minuteBuckets: null });
    expect(report.lot).toMatchObject({ draws: 1, places: count, sampled: count / 2 });
    const { tau = 0, deviation = 0 } = report.lot ?? {};
    expect(Math.abs(tau - 0.5)).toBeLessThan(4 * deviation);
    expect(deviation).toBeCloseTo(0.0086, 3);
    // Every second number is looked at.
    const index = early.findIndex((_, at) => permute(seed, at + 1, count) % 2 === 0) + 1;
    const admitted = granted(permute(seed, index, count), 10_000);
    const after = lineOf([...early, ...start, ...randomness, revealed, admitted], terms);
    expect(after.wait).toMatchObject({ admitted: 1, p50Ms: 10_000 });
    const looked = after.cohorts.filter(({ wait }) => wait !== null);
    expect(looked).toEqual([after.cohorts[Math.floor(((index - 1) * 24) / count)]]);
  });

  it("is drawn in rounds, each behind the one before it", () => {
    const rounds = sampleTerms({ drawsMax: 9, queueingMethod: "random" });
    const [first, second] = [40, 30];
    const seeds = ["one", "two"];
    const came = (from: number, many: number) =>
      Array.from({ length: many }, (_, at) => entered(from + at, 1_000 * (from + at)));
    const index = first + 7;
    const number = first + permute("two", index - first, second);
    const report = lineOf(
      [
        ...came(1, first),
        { after: 50_000, kind: "drawn", draw: 1, joined: first },
        { after: 50_000, kind: "revealed", draw: 1, seed: seeds[0] ?? "" },
        ...came(first + 1, second),
        { after: 80_000, kind: "drawn", draw: 2, joined: first + second },
        { after: 80_000, kind: "revealed", draw: 2, seed: seeds[1] ?? "" },
        granted(number, 90_000),
      ],
      rounds,
    );
    expect(report).toMatchObject({ numbered: 70, lot: { draws: 2, places: 70, sampled: 70 } });
    expect(report.wait).toMatchObject({ admitted: 1, p50Ms: 90_000 - 1_000 * index });
  });
});
