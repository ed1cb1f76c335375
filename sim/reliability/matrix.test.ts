import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FAULT_KINDS } from "../kernel/faults.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const [, matrix = ""] = readFileSync(join(DOCS, "reliability.md"), "utf8").split(
  "## What each failure comes to",
);

/** The last cell of each row: what shows it. */
const shown = matrix
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| what happens"))
  .map((line) => [line, line.split(" | ").at(-1) ?? ""] as const);
const kindsIn = (cell: string): string[] =>
  Array.from(cell.matchAll(/`([^`]+)`/g), ([, kind]) => kind ?? "");
const filesIn = (cell: string): string[] =>
  Array.from(cell.matchAll(/\]\(([^)]+)\)/g), ([, file]) => file ?? "");

describe("the resiliency matrix", () => {
  it("names a test that there is, or a kind of fault, in every row", () => {
    expect(shown.length).toBeGreaterThan(50);
    for (const [row, cell] of shown) {
      expect([...kindsIn(cell), ...filesIn(cell)], row).not.toEqual([]);
      for (const kind of kindsIn(cell)) expect(FAULT_KINDS, row).toContain(kind);
      for (const file of filesIn(cell))
        expect(existsSync(join(DOCS, file.replace(/#.*/, ""))), `${file} of ${row}`).toBe(true);
    }
  });

  it("has a place for every kind of fault", () => {
    expect(new Set(shown.flatMap(([, cell]) => kindsIn(cell)))).toEqual(new Set(FAULT_KINDS));
  });
});
