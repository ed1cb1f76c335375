import type { Chunk } from "../run/saved.ts";
import { explanationOf, type Explained } from "./explained.ts";
import { added, distinct, ranked, table, whole } from "./markdown.ts";

/** The command that plays seeds again. */
function commandOf({ operationsASale }: Chunk, from: number, count: number): string {
  const length = operationsASale === null ? "" : ` --operations ${operationsASale}`;
  return `npm run sim -- --from ${from} --seeds ${count}${length}`;
}

/** One run of many seeds, with what is known of those that broke a promise. */
export function renderSeeds(
  file: string,
  chunks: readonly Chunk[],
  explained: readonly Explained[],
): string {
  const [first] = chunks;
  const last = chunks.at(-1);
  if (!first || !last) return "";
  const sum = (of: (chunk: Chunk) => number): number =>
    chunks.reduce((total, chunk) => total + of(chunk), 0);
  const seeds = sum(({ from, to }) => to - from + 1);
  const broken = chunks.flatMap(({ violations }) => violations);
  const operations = sum((chunk) => chunk.operations);
  const coreSeconds = sum(({ seconds, threads }) => seconds * threads);
  const linear = (part: keyof Chunk["linear"]): string => whole(sum((chunk) => chunk.linear[part]));
  const figures = [
    ["command", `\`${commandOf(first, first.from, seeds)} --save FILE\``],
    [
      "commit, Node",
      `${distinct(chunks.map(({ commit }) => commit))}, ${distinct(chunks.map(({ node }) => node))}`,
    ],
    ["seeds", `${whole(seeds)}, from ${first.from} to ${last.to}`],
    [
      "sales in which every promise was kept",
      whole(seeds - new Set(broken.map(({ seed }) => seed)).size),
    ],
    [
      "distinct histories",
      `${whole(sum((chunk) => chunk.distinctHistories))}, counted a thousand at a time`,
    ],
    ["operations (one call of a shopper or an admin)", whole(operations)],
    ["steps of the scheduler", whole(sum(({ steps }) => steps))],
    ["lines of history", whole(sum(({ events }) => events))],
    ["simulated time", `${whole(sum(({ simulatedMs }) => simulatedMs) / 3_600_000)} h`],
    [
      "calls of items in linearizable histories",
      `${linear("calls")} in ${linear("histories")}; ${linear("givenUp")} histories were given up`,
    ],
    ["operations a second on one core", coreSeconds === 0 ? "" : whole(operations / coreSeconds)],
    [
      "what was exercised",
      `${Object.keys(added(chunks.map(({ covered }) => covered))).length} things`,
    ],
  ];
  const again = `Again: \`${commandOf(first, 1, 1).replace("--from 1 --seeds 1", "--seed N")}\` plays one seed, twice, and prints its hash; a row of a thousand is the hash that \`${commandOf(first, first.from, first.to - first.from + 1)}\` prints at that commit and Node version, whatever the machine and the number of its threads.`;
  return [
    `## Seeds: [${file}](${file})`,
    table(["", ""], figures),
    renderBroken(chunks, explained),
    "### Faults, by kind",
    table(
      ["fault", "times"],
      ranked(added(chunks.map(({ faults }) => faults))).map(([kind, count]) => [
        `\`${kind}\``,
        whole(count),
      ]),
    ),
    "### Hashes",
    again,
    `<details><summary>${chunks.length} rows</summary>\n`,
    table(
      ["seeds", "hash", "commit", "Node"],
      chunks.map(({ from, to, hash, commit, node }) => [
        `${from}–${to}`,
        `\`${hash}\``,
        commit,
        node,
      ]),
    ),
    "\n</details>",
  ].join("\n\n");
}

function renderBroken(chunks: readonly Chunk[], explained: readonly Explained[]): string {
  const broken = chunks.flatMap(({ commit, violations }) =>
    violations.map((violation) => ({
      violation,
      known: explanationOf(explained, { commit, ...violation }),
    })),
  );
  if (broken.length === 0) return "No seed breaks a promise.";
  const open = broken.filter(({ known }) => !known?.mended).length;
  const rows = broken.map(({ violation: { seed, detail }, known }) => [
    String(seed),
    detail,
    known ? `${known.fault}: ${known.cause}` : "",
    known?.mended ?? "**open**",
  ]);
  return [
    `Violations: ${broken.length}, ${open} of them open. What is known of each: [explained.json](../../sim/reliability/explained.json).`,
    table(["seed", "breaks", "whose fault, and why", "mended in"], rows),
  ].join("\n\n");
}
