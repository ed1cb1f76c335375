import type { Origin } from "../saved.ts";
import { renderTable, whole } from "../table.ts";
import type { Row } from "./rounds.ts";
import { scansOf } from "./scans.ts";
import type { Kind } from "./kinds.ts";

/** A command may take so much longer in the largest object than in the smallest. */
export const SLOWER_MAX = 1.25;
/** What the runtime's clock cannot tell: a tenth of a millisecond, since ten commands are timed at once. */
const CLOCK_MS = 0.1;

/** What one command does at every size: rows and plans the same, and how long it takes. */
export interface CommandGrowth {
  name: string;
  /** At the smallest size. */
  rowsRead: number;
  rowsWritten: number;
  alarms: number;
  commits: number;
  /** Rows, alarms, commits and plans are the same at all sizes. */
  isSame: boolean;
  /** Steps of plans that go through a table which grows. */
  scans: string[];
  /** By size, with the part of the commit. */
  milliseconds: number[];
}

/** One kind of object at every size. */
export interface KindGrowth {
  kind: Kind;
  sizes: number[];
  /** Of one hold, or one ticket, with everything that it leaves behind; of the largest. */
  bytesEach: number;
  commands: CommandGrowth[];
}

/** The start of a sale that draws the places of those who entered early. */
export interface StartGrowth {
  sizes: number[];
  steps: Omit<CommandGrowth, "milliseconds">[];
}

/** What `npm run growth` found. */
export interface Growth extends Origin {
  kinds: KindGrowth[];
  start: StartGrowth;
}

/** Compares what a command did at every size; the rows of each size in the same order. */
export function compareRows(rowsBySize: readonly Row[][]): StartGrowth["steps"] {
  const [smallest = [], ...others] = rowsBySize;
  return smallest.map(({ plans, ...row }, index) => {
    const texts = others.map((rows) => JSON.stringify(rows[index]));
    const isSame = texts.every((text) => text === JSON.stringify(smallest[index]));
    return Object.assign(row, { isSame, scans: scansOf(plans) });
  });
}

/** What broke the promise that a command costs the same however much there is. */
export function breachesOf({ kinds, start }: Growth): string[] {
  const rows = [...kinds, { kind: "start", commands: start.steps }].flatMap(({ kind, commands }) =>
    commands.flatMap(({ name, isSame, scans }) => [
      ...(isSame ? [] : [`${kind}, ${name}: other rows or plans in a larger object`]),
      ...scans.map((scan) => `${kind}, ${name}: ${scan}`),
    ]),
  );
  const times = kinds.flatMap(({ kind, commands }) =>
    commands
      .filter(isSlower)
      .map((command) => `${kind}, ${command.name}: ${slower(command).toFixed(2)} times as long`),
  );
  return [...rows, ...times];
}

/** The table of one kind. */
export function renderKind({ kind, sizes, bytesEach, commands }: KindGrowth): string {
  const head = [
    "command",
    "read",
    "written",
    "alarms",
    "same",
    ...sizes.map((size) => `ms at ${whole(size)}`),
    "ratio",
  ];
  const rows = commands.map((command) => [
    command.name,
    whole(command.rowsRead),
    whole(command.rowsWritten),
    String(command.alarms),
    command.isSame ? "yes" : "NO",
    ...command.milliseconds.map((ms) => ms.toFixed(3)),
    slower(command).toFixed(2),
  ]);
  const each = `${kind}: ${whole(bytesEach)} bytes of storage for each`;
  return [each, ...renderTable([head, ...rows], [0])].join("\n");
}

/** The table of the start. */
export function renderStart({ sizes, steps }: StartGrowth): string {
  const head = [
    "start",
    "read",
    "written",
    "transactions",
    `same at ${sizes.map(whole).join(", ")}`,
  ];
  const rows = steps.map(({ name, rowsRead, rowsWritten, commits, isSame }) => [
    name,
    whole(rowsRead),
    whole(rowsWritten),
    String(commits),
    isSame ? "yes" : "NO",
  ]);
  return renderTable([head, ...rows], [0]).join("\n");
}

function isSlower(command: CommandGrowth): boolean {
  const [smallest = 0, largest = 0] = [command.milliseconds[0], command.milliseconds.at(-1)];
  return slower(command) > SLOWER_MAX && largest - smallest > CLOCK_MS;
}

/** The largest against the smallest. */
function slower({ milliseconds }: CommandGrowth): number {
  return (milliseconds.at(-1) ?? Number.NaN) / (milliseconds[0] ?? Number.NaN);
}
