import { ranked, table, whole } from "./markdown.ts";
import type { SavedRun } from "../../bench/saved.ts";

/** Minutes of a series that are shown at the most. */
const MINUTES_SHOWN_MAX = 10;

const TITLES: Record<SavedRun["what"], string> = {
  kills: "The server killed in mid-sale",
  chaos: "Objects killed and batches delivered again in mid-sale",
  soak: "A soak",
};

/** One run against real workerd. */
export function renderReal(file: string, run: SavedRun): string {
  const { units, accounts, breaches } = run;
  const changes = run.isClean ? "" : " with changes";
  const figures = [
    ["command", `\`${run.command}\``],
    ["commit, Node, workerd", `${run.commit.slice(0, 7)}${changes}, ${run.node}, ${run.workerd}`],
    ["on", `${run.cpus} cores, ${run.platform}, ${run.at}`],
    ["time", `${whole(run.seconds)} s`],
    ["shoppers, requests", `${whole(run.shoppers)}, ${whole(run.requests)}`],
    ["connections lost", whole(run.connectionsLost)],
    [
      "units",
      ranked({ ...units })
        .map(([name, count]) => `${name} ${whole(count)}`)
        .join(", "),
    ],
    ...special(run),
  ];
  const lost = Object.values(accounts).reduce((sum, { told, there }) => sum + told - there, 0);
  return [
    `## ${TITLES[run.what]}: [${file}](${file})`,
    table(["", ""], figures),
    table(
      ["acknowledged", "told", "there in the end"],
      Object.entries(accounts).map(([what, { told, there }]) => [what, whole(told), whole(there)]),
    ),
    `Acknowledged and lost: ${whole(lost)}.`,
    breaches.length === 0
      ? "Every promise was kept."
      : table(
          ["broken promise", "times"],
          breaches.map(({ promise, count }) => [promise, whole(count)]),
        ),
    ...series(run),
  ].join("\n\n");
}

function special({ kills, chaos, soak }: SavedRun): [string, string][] {
  const rows: [string, string][] = [];
  if (kills) {
    const { count, whileSelling, placesCompared, secondsToReady } = kills;
    rows.push(["kills survived", `${whole(count)}, ${whole(whileSelling)} of them while it sold`]);
    rows.push(["places compared across them", whole(placesCompared)]);
    rows.push([
      "until it served again",
      `${secondsToReady.p50.toFixed(1)} s, ${secondsToReady.max.toFixed(1)} s at the worst`,
    ]);
  }
  if (chaos) {
    const of = (counts: Record<string, number>): string =>
      ranked(counts)
        .map(([name, count]) => `${name} ${whole(count)}`)
        .join(", ");
    rows.push(["objects aborted", of(chaos.aborted)], ["objects evicted", of(chaos.evicted)]);
    rows.push(["messages delivered once more", whole(chaos.copies)]);
  }
  if (soak) rows.push(["minutes", whole(soak.minutes)]);
  return rows;
}

function series({ soak }: SavedRun): string[] {
  if (!soak) return [];
  const { memory, latency, trends } = soak;
  const every = Math.max(1, Math.ceil(latency.length / MINUTES_SHOWN_MAX));
  const shown = latency.filter((_, at) => at % every === 0 || at === latency.length - 1);
  const judged = trends.map(({ what, unit, median, rise, bound, isFlat }) => {
    const figure = (value: number): string => `${value.toFixed(1)} ${unit}`.trim();
    return [what, figure(median), figure(rise), figure(bound), isFlat ? "yes" : "NO"];
  });
  const minutes = shown.map(({ minute, calls, p50Ms, p99Ms }) => {
    // Memory is looked at more than once a minute.
    const { workerdMb = 0, hostMb = 0 } = memory.findLast((one) => one.minute <= minute + 1) ?? {};
    const [p50, p99] = [p50Ms, p99Ms].map((ms) => `${ms.toFixed(1)} ms`);
    const [own, host] = [workerdMb, hostMb].map((mb) => `${whole(mb)} MB`);
    return [String(minute), whole(calls), p50 ?? "", p99 ?? "", own ?? "", host ?? ""];
  });
  return [
    table(["figure", "median", "rise after the warm-up", "flat up to", "flat"], judged),
    table(["minute", "calls", "p50", "p99", "workerd", "the process beside it"], minutes),
  ];
}
