import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { measureWork } from "./measure.ts";
import { compareUsage, readCompareOptions, UsageError } from "./options.ts";
import { renderPlot } from "./plot.ts";
import { type Comparison, renderMarkdown } from "./report.ts";
import { type Table, tableOf } from "./results.ts";
import { readSetting } from "./setting.ts";
import { CONTESTANTS } from "./systems/index.ts";

// `npm run bench`: every system at every work, on this machine, in turns; then the report.
const args = process.argv.slice(2);
const names = CONTESTANTS.map(({ name }) => name);
try {
  const options = readCompareOptions(args, names);
  if (options === null) console.log(compareUsage(names));
  else await compare(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${compareUsage(names)}`);
  process.exitCode = 2;
}

async function compare({
  effort,
  report,
  systems,
  works,
}: NonNullable<ReturnType<typeof readCompareOptions>>): Promise<void> {
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => process.exit(1));
  const setting = await readSetting(args);
  const tables: Table[] = [];
  let markdown = "";
  const say = (line: string): void => console.log(line);
  for (const work of works) {
    const contestants = CONTESTANTS.filter(
      ({ name, works }) =>
        works.includes(work.name) && (systems.includes(name) || name === work.ceiling),
    );
    const series = await measureWork(work, contestants, effort, say);
    tables.push(tableOf(work, series, contestants));
    // After each work, so that a run of an hour that is ended leaves what it has measured.
    markdown = await writeReport({ setting, effort, systems: systemsOf(tables), tables }, report);
  }
  console.log(`\n${markdown}`);
  const voided = tables.filter((table) => table.rows.some(({ voidFor }) => voidFor.length > 0));
  if (voided.length > 0) {
    console.error(`Void: ${voided.map(({ work }) => work.name).join(", ")}`);
    process.exitCode = 1;
  }
}

/** The systems of these tables. */
function systemsOf(tables: readonly Table[]): Comparison["systems"] {
  const took = new Set(tables.flatMap(({ rows }) => rows.map(({ system }) => system)));
  return CONTESTANTS.filter(({ name }) => took.has(name)).map(({ about, durable, name }) => ({
    name,
    about,
    durable,
  }));
}

/** As JSON, Markdown and a picture; returns the Markdown. */
async function writeReport(comparison: Comparison, report: string): Promise<string> {
  const markdown = renderMarkdown(comparison, `${basename(report)}.svg`);
  await mkdir(dirname(report), { recursive: true });
  await writeFile(`${report}.json`, `${JSON.stringify(comparison, null, 2)}\n`);
  await writeFile(`${report}.svg`, renderPlot(comparison.tables));
  await writeFile(`${report}.md`, markdown);
  return markdown;
}
