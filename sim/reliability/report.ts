import type { SavedHunt, SavedMutant } from "../mutants/saved.ts";
import type { Regression } from "../regressions/regression.ts";
import type { Explained } from "./explained.ts";
import { table } from "./markdown.ts";
import { renderReal } from "./real.ts";
import type { Results } from "./results.ts";
import { renderSeeds } from "./seeds.ts";

const HEAD = `# Reliability: what was run, and what came of it

Written by \`npm run reliability\` from the result files beside it; the command, the commit and the Node version stand beside every figure. What is promised, how it is shown, and what is not: [docs/reliability.md](../reliability.md).`;

/** The report of everything that was measured. */
export function renderReport(
  results: Results,
  regressions: ReadonlyMap<string, Regression>,
  explained: readonly Explained[],
): string {
  const parts = [
    ...results.seeds.map(([file, chunks]) => renderSeeds(file, chunks, explained)),
    ...results.mutants.map(([file, hunt]) => renderMutants(file, hunt)),
    renderBugs(regressions),
    ...results.real.map(([file, run]) => renderReal(file, run)),
  ];
  return `${[HEAD, ...parts].join("\n\n")}\n`;
}

function renderMutants(file: string, { command, commit, node, mutants }: SavedHunt): string {
  const killed = mutants.filter(({ outcome }) => outcome === "killed");
  const underFault = killed.filter(({ needs }) => needs?.seedWithout === null);
  const looked = killed.some(({ needs }) => needs !== null)
    ? ` ${underFault.length} of them show under a fault alone: no seed that was played with all faults taken out of its plan shows them.`
    : "";
  return [
    `## Mutants: [${file}](${file})`,
    `The product with a guard taken out, judged by the simulator alone. ${killed.length} of ${mutants.length} killed.${looked}`,
    `\`${command}\` at ${commit}, Node ${node}. Of each the seed that has shown it; seeds count from 1.`,
    table(["mutant", "promise", "caught by", "seeds needed", "only under"], mutants.map(mutantRow)),
  ].join("\n\n");
}

function mutantRow({ name, breaks, outcome, invariant, seed, needs }: SavedMutant): string[] {
  const caught = outcome === "killed" ? `\`${invariant ?? ""}\`` : "**survives**";
  const kinds = needs?.seedWithout === null ? needs.faults.map((kind) => `\`${kind}\``) : [];
  return [name, breaks, caught, String(seed), kinds.join(", ")];
}

function renderBugs(regressions: ReadonlyMap<string, Regression>): string {
  const rows = [...regressions].map(([file, { found, by, invariant, mended }]) => {
    const kept = `[${file}](../../sim/regressions/${file})`;
    return [found, `\`${invariant}\``, by, mended, kept];
  });
  return [
    "## Bugs found and mended",
    "Each is kept as the smallest sale that shows it; `npx vitest run --project node sim/regressions` plays it with the product as it is, and with the bug put back.",
    table(["found", "by", "at", "mended", "kept as"], rows),
  ].join("\n\n");
}
