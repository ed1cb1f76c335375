import { cut } from "../run/report.ts";
import type { Hunted } from "./hunt.ts";

const HEADINGS = ["mutant", "promise", "caught by", "at seed", "only under", "seconds"];
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
  const underFault = hunted.filter(({ needs }) => needs?.seedWithout === null).length;
  const summary = `${killed} of ${hunted.length} killed`;
  const last = hunted.some(({ needs }) => needs)
    ? `${summary}, ${underFault} of them show under a fault alone`
    : summary;
  return [...table, "", ...hunted.flatMap(complaint), last].join("\n");
}

function cells({ mutant, outcome, invariant, seed, seconds, needs }: Hunted): string[] {
  const caught =
    outcome === "killed" ? (invariant ?? "") : outcome === "unfit" ? "DOES NOT FIT" : "SURVIVES";
  const at = `${seed} of ${mutant.seedsMax}`;
  return [mutant.name, mutant.breaks, caught, at, conditions(needs), seconds.toFixed(1)];
}

/** The faults without which nothing shows it; `-` for what shows without any, and nothing where nobody has looked. */
function conditions(needs: Hunted["needs"]): string {
  if (!needs) return "";
  return needs.seedWithout === null ? needs.faults.join(", ") : "-";
}

function complaint({ mutant, outcome, invariant, detail, seed }: Hunted): string[] {
  const expected = mutant.invariants.join(" or ");
  const what = cut(detail ?? "", DETAIL_CHARS_MAX);
  if (outcome === "killed") return [];
  if (outcome === "unfit") return [`${mutant.name}: ${what}`, ""];
  if (invariant === null) return [`${mutant.name}: ${seed} seeds never broke ${expected}`, ""];
  return [`${mutant.name}: seed ${seed} broke ${invariant}, not ${expected}: ${what}`, ""];
}
