import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventTable, orderDiagram, paymentDiagram, stepTable } from "./testing/diagrams.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/purchase.md");

/** The lines of the document that begin as the table's do, in their order. */
function linesBetween(begin: string, end: string): string[] {
  const text = readFileSync(DOCUMENT, "utf8");
  const [, after = ""] = text.split(`<!-- ${begin} -->`);
  const [block = ""] = after.split(`<!-- ${end} -->`);
  return block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.includes("-->") || line.startsWith("| `"));
}

describe("docs/purchase.md shows the tables as they are", () => {
  it.each([
    ["order states", orderDiagram],
    ["order events", eventTable],
    ["payment states", paymentDiagram],
    ["payment steps", stepTable],
  ] as const)("%s", (name, draw) => {
    expect(linesBetween(name, `end of ${name}`)).toEqual(draw());
  });
});
