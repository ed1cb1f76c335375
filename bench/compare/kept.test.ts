import { expect, it, test } from "vitest";
import type { Heard } from "./client.ts";
import { breachesOf } from "./kept.ts";

function heard(ids: string[]): Heard {
  return {
    answered: ids.length,
    seconds: 1,
    p50Ms: 1,
    p95Ms: 1,
    p99Ms: 1,
    maxMs: 1,
    cpuSeconds: 0,
    lateMs: 0,
    isEmpty: false,
    failed: 0,
    statuses: { "202": ids.length },
    ids,
  };
}

test("what is kept and was told is sound, and so is what was under way at the end", () => {
  expect(breachesOf(heard(["a", "b"]), { ids: ["b", "c", "a"], sold: 3, stock: 3 }, 1)).toEqual([]);
  expect(breachesOf(heard(["1"]), { ids: [1] }, 0)).toEqual([]);
});

it.each([
  ["lost", ["a", "b"], { ids: ["a"] }, ["1 told and not kept: b"]],
  ["told twice", ["a", "a"], { ids: ["a"] }, ["1 told more than once: a"]],
  ["kept twice", ["a"], { ids: ["a", "a"] }, ["1 kept more than once: a"]],
  ["kept for nobody", ["a"], { ids: ["a", "b", "c"] }, ["2 kept that nobody was told of"]],
  ["lost, though as many are kept", ["a"], { ids: ["b"] }, ["1 told and not kept: a"]],
  ["oversold", ["a"], { ids: ["a"], sold: 11, stock: 10 }, ["11 sold of 10"]],
])("what is %s voids the run", (_, told, kept, breaches) => {
  expect(breachesOf(heard(told), kept, 1)).toEqual(breaches);
});
