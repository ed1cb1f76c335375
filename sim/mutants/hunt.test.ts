import { describe, expect, it } from "vitest";
import { firstReport, hunt, huntAll } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { savedHunt } from "./saved.ts";
import { renderHunt } from "./table.ts";

/** Threads take their time on a busy machine. */
const TIMEOUT_MS = 30_000;

const OVERSELLING: Mutant = {
  name: "one unit too many",
  breaks: "nothing is sold that is not there",
  patches: [
    {
      file: "domain/purchase/stock.ts",
      find: "command.quantity > item.level.available",
      replace: "command.quantity > item.level.available + 1",
    },
  ],
  invariants: ["no_exceptions"],
  seedsMax: 40,
};
const HARMLESS: Mutant = {
  name: "nothing is changed",
  breaks: "nothing",
  patches: [
    {
      file: "domain/purchase/stock.ts",
      find: "command.quantity > item.level.available",
      replace: "item.level.available < command.quantity",
    },
  ],
  invariants: ["stock.balanced"],
  seedsMax: 1,
};
const STALE: Mutant = {
  ...HARMLESS,
  name: "a stale one",
  patches: [{ file: "domain/purchase/stock.ts", find: "no such text", replace: "" }],
};

describe("a hunt for mutants", { timeout: TIMEOUT_MS }, () => {
  it("kills what breaks its promise, and tells what survives or does not fit", async () => {
    const elsewhere = { ...OVERSELLING, name: "seen elsewhere", invariants: ["line.order"] };
    const hunted = await huntAll([OVERSELLING, HARMLESS, STALE, elsewhere], { threads: 2 });
    expect(hunted).toMatchObject([
      { outcome: "killed", invariant: "no_exceptions" },
      { outcome: "missed", invariant: null, seed: 1 },
      { outcome: "unfit" },
      { outcome: "missed", invariant: "no_exceptions" },
    ]);
    const text = renderHunt(hunted);
    expect(text).toContain("1 of 4 killed");
    expect(text).not.toContain("under a fault");
    expect(text).toContain("nothing is changed: 1 seeds never broke stock.balanced");
    expect(text).toContain("a stale one: The patch of domain/purchase/stock.ts fits 0 times");
    expect(text).toContain("broke no_exceptions, not line.order");
  });

  it("says under which faults alone a mutant shows, on the table and in the file", () => {
    const found = { mutant: OVERSELLING, outcome: "killed", invariant: "no_exceptions" } as const;
    const hunted = { ...found, detail: "", seed: 3, seconds: 1.5 };
    const quiet = { faults: [], seedWithout: 3, seedsWithout: 3 };
    const under = { faults: ["call.lost" as const], seedWithout: null, seedsWithout: 40 };
    const both = [
      { ...hunted, needs: quiet },
      { ...hunted, needs: under },
    ];
    const text = renderHunt(both);
    expect(text).toMatch(/no_exceptions {2}3 of 40 {2}- +1\.5\n/);
    expect(text).toMatch(/no_exceptions {2}3 of 40 {2}call\.lost +1\.5\n/);
    expect(text).toContain("2 of 2 killed, 1 of them show under a fault alone");
    const { name, breaks, seedsMax } = OVERSELLING;
    const saved = {
      name,
      breaks,
      seedsMax,
      outcome: "killed",
      invariant: "no_exceptions",
      seed: 3,
    };
    expect(savedHunt(both, { commit: "abc", node: "v24", command: "run" })).toEqual({
      kind: "mutants",
      commit: "abc",
      node: "v24",
      command: "run",
      mutants: [
        { ...saved, needs: quiet },
        { ...saved, needs: under },
      ],
    });
  });

  it("ends when it is interrupted", async () => {
    const interrupt = new AbortController();
    const hunting = hunt({ ...HARMLESS, seedsMax: 10_000 }, { signal: interrupt.signal });
    interrupt.abort();
    expect(await hunting).toBeNull();
    expect(await huntAll([HARMLESS], { threads: 2, signal: interrupt.signal })).toEqual([]);
  });
});

describe("the seeds of a hunt", () => {
  const broken = (invariant: string) => ({ violations: [{ invariant, detail: "" }] });
  const MUTANT = { ...OVERSELLING, invariants: ["stock"], seedsMax: 3 };

  it.each<[string, seen: number | null, shows: Record<number, string>, tried: number[], string]>([
    ["go on until it is caught", null, { 2: "stock" }, [1, 2], "killed"],
    ["begin at the one that has shown it", 9, { 2: "stock", 9: "stock" }, [9], "killed"],
    ["begin anew where that is silent", 9, { 2: "stock" }, [9, 1, 2], "killed"],
    [
      "begin anew where that shows another thing",
      9,
      { 2: "stock", 9: "line" },
      [9, 1, 2],
      "killed",
    ],
    ["end at another thing", null, { 2: "line", 3: "stock" }, [1, 2], "missed"],
    ["end at the bound", 9, {}, [9, 1, 2, 3], "missed"],
  ])("%s", async (_, seen, shows, seeds, outcome) => {
    const tried: number[] = [];
    const found = await firstReport(MUTANT, seen, (seed) => {
      tried.push(seed);
      const invariant = shows[seed];
      return Promise.resolve(invariant === undefined ? { violations: [] } : broken(invariant));
    });
    expect([tried, found?.outcome]).toEqual([seeds, outcome]);
  });
});
