import type { Effort } from "./measure.ts";
import { PAIRS_MIN } from "./options.ts";
import type { Row, Table } from "./results.ts";
import { CONFIDENCE, type Estimate } from "./statistics.ts";
import type { Contestant } from "./system.ts";
import type { Work } from "./works.ts";

/** The machine and the programs on it. */
export interface Setting {
  at: string;
  commit: string;
  command: string;
  cores: number;
  cpu: string;
  memoryGb: number;
  /** Of the minute before the start: above 1 others use the machine. */
  loadAverage: number;
  /** Where the systems keep their files: every commit waits for it. */
  disk: { folder: string; type: string; syncMs: number };
  versions: Record<string, string>;
}

/** All that a run of the comparison found out. */
export interface Comparison {
  setting: Setting;
  effort: Effort;
  systems: Pick<Contestant, "name" | "about" | "durable">[];
  tables: Table[];
}

/** The report as people read it. `plot` is the name of the picture beside it. */
export function renderMarkdown(comparison: Comparison, plot: string): string {
  const { effort, setting, systems, tables } = comparison;
  const versions = Object.entries(setting.versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# Compared on one machine",
    "",
    `\`${setting.command}\`, ${setting.at}, commit ${setting.commit}. ${setting.cpu}, ${setting.cores} cores, ${setting.memoryGb} GB, load average ${setting.loadAverage.toFixed(1)} at the start. State on ${setting.disk.type} (${setting.disk.folder}), where a page written is safe after ${setting.disk.syncMs.toFixed(2)} ms. ${versions.join(", ")}.`,
    "",
    `**What is comparable are the ratios.** Systems, their databases and the client share these cores, and the next machine is faster or slower. ${effort.pairs} turns of ${effort.seconds} s each, the systems in turns, medians with the interval that holds the true median with ${CONFIDENCE * 100} percent; ratios are taken within a turn.${effort.pairs < PAIRS_MIN ? ` Fewer than ${PAIRS_MIN} turns: this shows that everything works, not how fast it is.` : ""}`,
    "",
    `![Requests a second of each system at each work](${plot})`,
    "",
    ...systems.map(
      ({ about, durable, name }) =>
        `- **${name}**: ${about}. Durable before it answers: ${durable}.`,
    ),
    "",
    ...tables.flatMap(renderTable),
    "Worked off are the same answers over the time until the system was quiet again, looked at four times a second: what is answered at once and done later, such as rows, pages and messages, has to be done before the next. CPU is what the system's processes took from the first request until they were quiet again, work put off included. Memory is the proportional set size, the greatest seen after a run, and what it grew by. The client is `wrk`, one thread; its share of a core is stated, since it takes that from whoever answers.",
    "",
  ].join("\n");
}

function renderTable({ floor, rows, voidFor, work }: Table): string[] {
  const columns = columnsOf(work);
  return [
    `## ${work.name}`,
    "",
    `${work.about[0]?.toUpperCase()}${work.about.slice(1)}. ${work.connections} connections.`,
    "",
    ...(floor === null
      ? []
      : [
          `The ceiling reaches ${interval(floor, 2)} of the bare trivial route; it has to reach ${work.floor}.`,
          "",
        ]),
    ...(voidFor === null ? [] : [`**Void**: ${voidFor}.`, ""]),
    ...renderHead(columns),
    ...rows.map((row) => renderRow(row, columns)),
    "",
    ...Object.entries(work.targets).flatMap(([system, target]) =>
      targetLine(system, target, rows, voidFor),
    ),
  ];
}

/** What stands above a column, and in it. */
type Column = readonly [name: string, cell: (row: Row) => string];

function columnsOf({ again, ceiling, isPaced }: Work): Column[] {
  const workedOff: Column = ["worked off/s", (row) => interval(row.workedOffPerSecond, 0)];
  const pacedP99: Column = [
    "p99 at half the rate",
    ({ pacedP99Ms }) => (pacedP99Ms === null ? "" : milliseconds(pacedP99Ms.median)),
  ];
  return [
    ["requests/s", (row) => interval(row.perSecond, 0)],
    ...(again ? [] : [workedOff]),
    [`of \`${ceiling}\``, ({ ofCeiling }) => (ofCeiling === null ? "" : interval(ofCeiling, 2))],
    ["p50", (row) => milliseconds(row.p50Ms)],
    ["p95", (row) => milliseconds(row.p95Ms)],
    ["p99", (row) => milliseconds(row.p99Ms)],
    ...(isPaced ? [pacedP99] : []),
    ["CPU s / 1,000", (row) => row.cpuSecondsPer1000.toFixed(3)],
    ["memory MB", (row) => row.memoryPeakMb.toFixed(0)],
    ["KB more / 1,000", (row) => row.memoryKbPer1000.toFixed(0)],
    ["client", (row) => row.clientShare.toFixed(2)],
  ];
}

/** The names of the columns and the line below them. */
function renderHead(columns: readonly Column[]): string[] {
  const names = ["system", "durable before it answers", ...columns.map(([name]) => name)];
  return [`| ${names.join(" | ")} |`, `|${"---|".repeat(names.length)}`];
}

function renderRow(row: Row, columns: readonly Column[]): string {
  const name = `| ${row.system} | ${row.durable ?? "keeps nothing"} |`;
  if (row.voidFor.length > 0)
    return `${name} void: ${row.voidFor.join("; ")} |${" |".repeat(columns.length - 1)}`;
  return `${name} ${columns.map(([, cell]) => cell(row)).join(" | ")} |`;
}

function targetLine(
  name: string,
  target: number,
  rows: readonly Row[],
  voidFor: string | null,
): string[] {
  const row = rows.find(({ system }) => system === name);
  if (!row?.ofCeiling) return [];
  const isVoid = voidFor !== null || row.voidFor.length > 0;
  const verdict = isVoid ? "void" : row.ofCeiling.median >= target ? "reached" : "missed";
  return [`Target of ${name}: ${target} of the ceiling. ${verdict}.`, ""];
}

/** A median and its interval, with this many digits behind the point. */
export function interval({ high, low, median }: Estimate, digits: number): string {
  const [middle, from, to] = [median, low, high].map((value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return `${middle} (${from} to ${to})`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
