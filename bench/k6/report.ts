import type { Origin } from "../saved.ts";

/** A metric of k6's summary. */
interface Metric {
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

/** What k6 says of one scenario. */
export interface ScenarioRun {
  scenario: string;
  scale: number;
  timeScale: number;
  metrics: Record<string, Metric>;
}

/** All scenarios of a run. */
export interface ScenarioReport {
  origin: Origin;
  k6: string;
  runs: ScenarioRun[];
}

/** Shown by call whatever it is, so that it is no promise. */
const NO_PROMISE = "rate>=0";

/** The report as people read it: a line for each scenario, and one for each promise of it. */
export function renderScenarios({ origin, k6, runs }: ScenarioReport): string {
  return [
    "# Scenarios",
    "",
    `\`${origin.command}\`, ${origin.at}, commit ${origin.commit.slice(0, 8)}${origin.isClean ? "" : " with changes"}, ${k6}, Node ${origin.node}, workerd ${origin.workerd}, ${origin.cpus} cores, shared by the system and k6.`,
    "",
    "| scenario | scale | of its time | shoppers' rounds | calls | a second | dropped | sold of stock | oversold |",
    "|---|---|---|---|---|---|---|---|---|",
    ...runs.map(rowOf),
    "",
    ...runs.flatMap(promisesOf),
  ].join("\n");
}

function rowOf({ metrics, scale, scenario, timeScale }: ScenarioRun): string {
  const value = (name: string, what: string): number => metrics[name]?.values[what] ?? 0;
  const cells = [
    scenario,
    scale,
    rounded(timeScale),
    value("iterations", "count"),
    value("http_reqs", "count"),
    Math.round(value("http_reqs", "rate")),
    value("dropped_iterations", "count"),
    `${value("sold", "value")} of ${value("stock", "value")}`,
    value("oversold", "count"),
  ];
  return `| ${cells.join(" | ")} |`;
}

function promisesOf({ metrics, scenario }: ScenarioRun): string[] {
  const promises = Object.entries(metrics).flatMap(([name, { thresholds = {}, values }]) =>
    Object.entries(thresholds)
      .filter(([promise]) => promise !== NO_PROMISE)
      .map(([promise, { ok }]) => {
        const what = /^[a-z0-9()]+/.exec(promise)?.[0] ?? "";
        return `| ${name} | ${promise} | ${rounded(values[what] ?? 0)} | ${ok ? "kept" : "**broken**"} |`;
      }),
  );
  const least = metrics["broken_at_s"]?.values["min"];
  const most = metrics["recovered_after_s"]?.values["max"];
  return [
    `## ${scenario}`,
    "",
    ...(least === undefined
      ? []
      : [`Looks at the figures were slow or failed from ${rounded(least)} s on.`, ""]),
    ...(most === undefined
      ? []
      : [`After the drop they still were for ${rounded(most)} s, and no longer.`, ""]),
    "| what | promised | found | |",
    "|---|---|---|---|",
    ...promises,
    "",
  ];
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
