import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, it } from "vitest";
import type { SavedHunt } from "../mutants/saved.ts";
import { quietPlan } from "../plan/fixture.ts";
import type { Regression } from "../regressions/regression.ts";
import type { Chunk } from "../run/saved.ts";
import { readExplained, type Explained } from "./explained.ts";
import { renderReport } from "./report.ts";
import type { SavedRun } from "../../bench/saved.ts";
import { readResults, type Results } from "./results.ts";

const chunk = (from: number, changes: Partial<Chunk> = {}): Chunk => ({
  from,
  to: from + 999,
  threads: 2,
  operationsASale: 200,
  operations: 200_000,
  steps: 3_000_000,
  events: 900_000,
  simulatedMs: 7_200_000,
  faults: { "call.lost": 30, "queue.lost": 5 },
  covered: { "visit.bought": 900 },
  linear: { calls: 100_000, histories: 4_000, givenUp: 1 },
  distinctHistories: 1_000,
  hash: `hash of ${from}`,
  seconds: 25,
  violations: [],
  commit: "abc1234",
  node: "v24.21.0",
  ...changes,
});

const HUNT: SavedHunt = {
  kind: "mutants",
  command: "npm run sim:mutants -- --afresh --faultless",
  commit: "abc1234",
  node: "v24.21.0",
  mutants: [
    {
      name: "a guard is gone",
      breaks: "a | b",
      outcome: "killed",
      invariant: "settles",
      seed: 4,
      seedsMax: 9,
      needs: { faults: ["call.lost", "queue.lost"], seedWithout: null, seedsWithout: 9 },
    },
    {
      name: "another is",
      breaks: "c",
      outcome: "missed",
      invariant: null,
      seed: 9,
      seedsMax: 9,
      needs: null,
    },
  ],
};

const SOAK: SavedRun = {
  what: "soak",
  command: "npm run soak -- --minutes 30",
  at: "2030-06-02T12:00:00.000Z",
  commit: "abc1234def",
  isClean: true,
  node: "v24.21.0",
  workerd: "1.2",
  cpus: 2,
  platform: "linux x64",
  seconds: 1_800,
  requests: 90_000,
  connectionsLost: 3,
  shoppers: 4_000,
  units: { stock: 100, restocked: 0, available: 10, held: 0, sold: 90 },
  accounts: {
    joins: { told: 4_000, there: 3_999 },
    passes: { told: 300, there: 300 },
    holds: { told: 120, there: 120 },
    orders: { told: 90, there: 90 },
    payments: { told: 80, there: 80 },
  },
  breaches: [{ kind: "unfinished", promise: "nothing is lost", count: 1, examples: [] }],
  soak: {
    minutes: 30,
    warmUpMinutes: 5,
    memory: [
      {
        minute: 0.5,
        workerdMb: 210,
        hostMb: 90,
        handles: null,
        waiting: 50,
        d1Mb: 1,
        objectsMb: 2,
      },
    ],
    latency: [{ minute: 0, calls: 3_000, p50Ms: 2, p99Ms: 11.25 }],
    trends: [
      {
        what: "memory",
        unit: "MB",
        samples: 50,
        median: 210,
        perHour: 29,
        rise: 12,
        bound: 21,
        isFlat: true,
      },
    ],
  },
};
const { soak: _, ...common } = SOAK;
const KILLS: SavedRun = {
  ...common,
  what: "kills",
  breaches: [],
  kills: {
    count: 50,
    whileSelling: 49,
    placesCompared: 70_000,
    secondsToReady: { p50: 0.8, max: 2.4 },
  },
};

const CHAOS: SavedRun = {
  ...common,
  what: "chaos",
  chaos: { aborted: { Sku: 16, LiveBoard: 316 }, evicted: { QueueLane: 161 }, copies: 2_006 },
};

const BUG: Regression = {
  found: "It went wrong",
  by: "seed 7",
  invariant: "settles",
  mended: "it does not",
  mutant: "a guard is gone",
  plan: quietPlan(1, 1),
};

const NOTHING: Results = { seeds: [], mutants: [], real: [] };
const reportOf = (results: Partial<Results>, explained: readonly Explained[] = []): string =>
  renderReport({ ...NOTHING, ...results }, new Map([["bug.json", BUG]]), explained);

it("adds the lines of a run of seeds up, and says how to repeat each", () => {
  const text = reportOf({ seeds: [["seeds.jsonl", [chunk(1), chunk(1_001)]]] });
  expect(text).toContain("`npm run sim -- --from 1 --seeds 2000 --operations 200 --save FILE`");
  expect(text).toContain("| seeds | 2,000, from 1 to 2000 |");
  expect(text).toContain("| sales in which every promise was kept | 2,000 |");
  expect(text).toContain("200,000 in 8,000; 2 histories were given up");
  expect(text).toContain("| operations a second on one core | 4,000 |");
  expect(text).toContain("| `call.lost` | 60 |\n| `queue.lost` | 10 |");
  expect(text).toContain("| 1001–2000 | `hash of 1001` | abc1234 | v24.21.0 |");
  expect(text).toContain("`npm run sim -- --seed N --operations 200` plays one seed, twice");
  expect(text).toContain("No seed breaks a promise.");
});

it("hides no seed that breaks a promise", () => {
  const violations = [{ seed: 17, invariant: "settles", detail: "settles: never" }];
  const text = reportOf({ seeds: [["s.jsonl", [chunk(1, { violations })]]] });
  expect(text).toContain("| sales in which every promise was kept | 999 |");
  expect(text).toContain("Violations: 1, 1 of them open.");
  expect(text).toContain("| 17 | settles: never |  | **open** |");
  expect(text).not.toContain("No seed breaks");
});

it("says of a seed that breaks a promise why, and what mended it", () => {
  const violations = [17, 18].map((seed) => ({
    seed,
    invariant: "settles",
    detail: "settles: never",
  }));
  const known: Explained = {
    commit: "abc1234",
    seeds: [17],
    invariant: "settles",
    fault: "product",
    cause: "it was lost",
    mended: "def5678",
  };
  const of = (explained: Explained): string =>
    reportOf({ seeds: [["s.jsonl", [chunk(1, { violations })]]] }, [explained]);
  expect(of(known)).toContain("Violations: 2, 1 of them open.");
  expect(of(known)).toContain("| 17 | settles: never | product: it was lost | def5678 |");
  for (const other of [{ commit: "fff0000" }, { invariant: "told.left" }, { mended: null }])
    expect(of({ ...known, ...other }), JSON.stringify(other)).toContain("2 of them open.");
});

it("explains each seed once", () => {
  const all = readExplained().flatMap(({ commit, seeds, invariant }) =>
    seeds.map((seed) => `${commit} ${seed} ${invariant}`),
  );
  expect(new Set(all).size).toBe(all.length);
});

it("tells of mutants which survive, and which show under a fault alone", () => {
  const text = reportOf({ mutants: [["m.json", HUNT]] });
  expect(text).toContain("1 of 2 killed. 1 of them show under a fault alone");
  expect(text).toContain(
    "| a guard is gone | a \\| b | `settles` | 4 | `call.lost`, `queue.lost` |",
  );
  expect(text).toContain("| another is | c | **survives** | 9 |  |");
});

it("names each bug with the sale that is kept of it", () => {
  const row =
    "| It went wrong | `settles` | seed 7 | it does not | [bug.json](../../sim/regressions/bug.json) |";
  expect(reportOf({})).toContain(row);
});

it("counts what was acknowledged and is gone, in kills and soaks", () => {
  const kills = reportOf({
    real: [
      ["kills.json", { ...KILLS, accounts: { ...KILLS.accounts, joins: { told: 9, there: 9 } } }],
    ],
  });
  expect(kills).toContain("| kills survived | 50, 49 of them while it sold |");
  expect(kills).toContain("0.8 s, 2.4 s at the worst");
  expect(kills).toContain("Acknowledged and lost: 0.\n\nEvery promise was kept.");
  const soak = reportOf({ real: [["soak.json", SOAK]] });
  expect(soak).toContain("Acknowledged and lost: 1.");
  expect(soak).toContain("| nothing is lost | 1 |");
  expect(soak).toContain("| memory | 210.0 MB | 12.0 MB | 21.0 MB | yes |");
  expect(soak).toContain("| 0 | 3,000 | 2.0 ms | 11.3 ms | 210 MB | 90 MB |");
});

it("tells which objects were killed, and what came again", () => {
  const chaos = reportOf({ real: [["chaos.json", CHAOS]] });
  expect(chaos).toContain(
    "## Objects killed and batches delivered again in mid-sale: [chaos.json]",
  );
  expect(chaos).toContain("| objects aborted | LiveBoard 316, Sku 16 |");
  expect(chaos).toContain("| objects evicted | QueueLane 161 |");
  expect(chaos).toContain("| messages delivered once more | 2,006 |");
});

it("reads a folder, and names the file that is no result", () => {
  const folder = mkdtempSync(join(tmpdir(), "reliability-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("seeds.jsonl", `${JSON.stringify(chunk(1))}\n${JSON.stringify(chunk(1_001))}\n`);
  write("mutants.json", JSON.stringify(HUNT));
  write("soak.json", JSON.stringify(SOAK));
  write("report.md", "# Written before");
  expect(readResults(folder)).toEqual({
    seeds: [["seeds.jsonl", [chunk(1), chunk(1_001)]]],
    mutants: [["mutants.json", HUNT]],
    real: [["soak.json", SOAK]],
  });
  write("other.json", "{}");
  expect(() => readResults(folder)).toThrow("other.json is no result of a run");
});
