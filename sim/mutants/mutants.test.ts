import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MUTANTS } from "./mutants.ts";

/** How a promise is told to be broken, with its name. */
const NAMED = /(?:violate|broken)\(\s*"([a-z_.]+)"|invariant: "([a-z_.]+)"/g;

/** The names of all invariants, by the simulator's own source. */
function invariants(): Set<string> {
  const root = join(import.meta.dirname, "..");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const names = files
    .filter((file) => /^(?!mutants)(?!.*\.test\.).*\.ts$/.test(file))
    .flatMap((file) => Array.from(readFileSync(join(root, file), "utf8").matchAll(NAMED)))
    .map(([, told, made]) => told ?? made ?? "");
  return new Set(names);
}

it("every invariant has a mutant, and every mutant an invariant", () => {
  expect(new Set(MUTANTS.flatMap((mutant) => mutant.invariants))).toEqual(invariants());
});

it("mutants are told apart by their names, and break one promise in words", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  for (const { breaks } of MUTANTS) expect(breaks).toMatch(/^[a-z].*[^.]$/);
});
