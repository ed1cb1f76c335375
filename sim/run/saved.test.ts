import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { brokenResult } from "./protocol.ts";
import { CHUNK_SEEDS, SavedRun, type SavedTerms } from "./saved.ts";
import type { SeedResult } from "./seed.ts";

const FROM = 11;
const COUNT = CHUNK_SEEDS + 200;
const terms: SavedTerms = {
  from: FROM,
  count: COUNT,
  threads: 2,
  operationsASale: 200,
  commit: "abc",
  node: "v24",
};

function played(seed: number): SeedResult {
  const hash = `hash ${seed}`;
  return {
    ...brokenResult(seed, { invariant: "", detail: "" }),
    violations: [],
    operations: 2,
    hash,
  };
}

function newFile(): string {
  return join(mkdtempSync(join(tmpdir(), "saved-")), "run.jsonl");
}

function add(run: SavedRun, from: number, count: number): void {
  for (let seed = from; seed < from + count; seed++) run.add(played(seed));
}

describe("a run that is saved", () => {
  it("writes a line when all of its seeds are played, in order, and the rest at the end", () => {
    const file = newFile();
    const run = new SavedRun(file, terms);
    // The last line is full first.
    add(run, FROM + CHUNK_SEEDS, 200);
    add(run, FROM, CHUNK_SEEDS - 1);
    expect(run.chunks).toEqual([]);
    const broken = brokenResult(FROM + CHUNK_SEEDS - 1, { invariant: "x.y", detail: "why" });
    run.add(broken);
    const [first, second] = run.chunks;
    expect(first).toMatchObject({ from: FROM, to: 1_010, operations: 2 * (CHUNK_SEEDS - 1) });
    expect(first?.violations).toEqual([{ seed: 1_010, invariant: "x.y", detail: "x.y: why" }]);
    expect(second).toMatchObject({ from: 1_011, to: 1_210, violations: [], commit: "abc" });
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
  });

  it("goes on behind its last whole line", () => {
    const file = newFile();
    add(new SavedRun(file, terms), FROM, CHUNK_SEEDS + 100);
    appendFileSync(file, '{"from":1011,"to"');
    const again = new SavedRun(file, terms);
    expect(again).toMatchObject({ next: 1_011, left: 200 });
    add(again, again.next, again.left);
    const whole = new SavedRun(file, terms);
    expect(whole).toMatchObject({ next: 1_211, left: 0 });
    expect(whole.chunks).toEqual(again.chunks);
    const other = newFile();
    const once = new SavedRun(other, terms);
    add(once, FROM, COUNT);
    expect(whole.chunks.map(({ hash }) => hash)).toEqual(once.chunks.map(({ hash }) => hash));
  });

  it("does not go on with what is of another run", () => {
    const file = newFile();
    add(new SavedRun(file, terms), FROM, COUNT);
    expect(() => new SavedRun(file, { ...terms, from: 1 })).toThrow("seeds from 11 on");
    expect(() => new SavedRun(file, { ...terms, operationsASale: null })).toThrow("200 operations");
  });
});
