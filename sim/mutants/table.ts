import { cut } from "../run/report.ts";
import type { Hunted } from "./hunt.ts";

const HEADINGS = ["mutant", "promise", "caught by", "at seed", "seconds"];
const DETAIL_CHARS_MAX = 600;

/** The hunt as a table, then what went wrong with each that was not killed, then the summary. */
export function renderHunt(hunted: readonly Hunted[]): string {
  const rows = [HEADINGS, ...hunted.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const killed = hunted.filter(({ outcome }) => outcome === "killed").length;
  return [...table, "", ...hunted.flatMap(complaint), `${killed} of ${hunted.length} killed`].join(
    "\n",
  );
}

function cells({ mutant, outcome, invariant, seed, seconds }: Hunted): string[] {
  const caught =
    outcome === "killed" ? (invariant ?? "") : outcome === "unfit" ? "DOES NOT FIT" : "SURVIVES";
  return [mutant.name, mutant.breaks, caught, `${seed} of ${mutant.seedsMax}`, seconds.toFixed(1)];
}

function complaint({ mutant, outcome, invariant, detail, seed }: Hunted): string[] {
  const expected = mutant.invariants.join(" or ");
  const what = cut(detail ?? "", DETAIL_CHARS_MAX);
  if (outcome === "killed") return [];
  if (outcome === "unfit") return [`${mutant.name}: ${what}`, ""];
  if (invariant === null) return [`${mutant.name}: ${seed} seeds never broke ${expected}`, ""];
  return [`${mutant.name}: seed ${seed} broke ${invariant}, not ${expected}: ${what}`, ""];
}
