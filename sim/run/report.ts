import { execFileSync } from "node:child_process";
import type { Violation } from "../sale/witness.ts";
import { COMMON_FROM_SEEDS } from "./coverage.ts";
import type { LinearCounts } from "../linear/linearizable.ts";
import type { SeedResult } from "./seed.ts";
import type { Tally } from "./tally.ts";

const LABEL_WIDTH = 20;
/** A violation's detail may be a whole stack trace. */
const DETAIL_CHARS_MAX = 1_500;
const HEADLINE_CHARS_MAX = 200;
/** What runs have left for the report changes no run. */
const NOT_RESULTS = ":(exclude,top)docs/reliability";

/** What a run's figures are true of. */
export interface Provenance {
  commit: string;
  node: string;
}

/** The commit of the checkout, with `+changes` when it holds more than that; "unknown" without git. */
export function provenance(): Provenance {
  const node = process.version;
  try {
    const changes = git("status", "--porcelain", "--", ":/", NOT_RESULTS) === "" ? "" : "+changes";
    return { commit: `${git("rev-parse", "--short", "HEAD")}${changes}`, node };
  } catch {
    return { commit: "unknown", node };
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: import.meta.dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

/** The figures of a run as text. `missing` names what should have been exercised and was not. */
export function renderRun(
  tally: Tally,
  options: { seconds: number; threads: number; missing: readonly string[] } & Provenance,
): string {
  const { seconds, threads, missing, commit, node } = options;
  return [
    row("seeds", `${whole(tally.seeds)} in ${seconds.toFixed(1)} s on ${threads} threads`),
    row("steps", whole(tally.steps)),
    row("events", whole(tally.events)),
    row(
      "operations",
      `${whole(tally.operations)}, ${whole(perSecond(tally, options))} a second on one core`,
    ),
    row("simulated time", `${(tally.simulatedMs / 3_600_000).toFixed(1)} h`),
    row("linearizable", renderLinear(tally.linear)),
    row("sales finished", whole(tally.finished)),
    row("distinct histories", whole(tally.distinctHistories)),
    row("faults", counts(tally.faults)),
    row("visits ended", `${counts(endings(tally))} (seeds with one)`),
    row("never exercised", renderMissing(tally.seeds, missing)),
    row("violations", whole(tally.broken.length)),
    row("hash", tally.hash),
    row("of", `${commit}, Node ${node}`),
  ].join("\n");
}

/** The figures of one seed as text. */
export function renderSeed(result: SeedResult, { commit, node }: Provenance): string {
  return [
    row("seed", String(result.seed)),
    row("steps", whole(result.steps)),
    row("events", whole(result.events)),
    row("operations", whole(result.operations)),
    row("simulated time", `${(result.simulatedMs / 1000).toFixed(1)} s`),
    row("linearizable", renderLinear(result.linear)),
    row("faults", counts(new Map(Object.entries(result.faults)))),
    row("exercised", result.covered.join(", ")),
    row("violations", whole(result.violations.length)),
    row("hash", result.hash),
    row("of", `${commit}, Node ${node}`),
  ].join("\n");
}

/** What was broken, on one line. */
export function headline({ invariant, detail }: Violation): string {
  return cut(`${invariant}: ${detail.split("\n", 1)[0] ?? ""}`, HEADLINE_CHARS_MAX);
}

/** What was broken, with the stack trace where there is one. */
export function renderViolation({ invariant, detail }: Violation): string {
  return `${invariant}: ${cut(detail, DETAIL_CHARS_MAX)}`;
}

/** A text of at most `max` characters; `…` stands for the rest. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** What a thread did a second: as fast as a core, while there is one for each. */
function perSecond({ operations }: Tally, options: { seconds: number; threads: number }): number {
  return Math.round(operations / (options.seconds * options.threads));
}

function renderLinear({ calls, histories, givenUp }: LinearCounts): string {
  return `${whole(calls)} calls of items in ${whole(histories)} histories, ${whole(givenUp)} given up`;
}

function renderMissing(seeds: number, missing: readonly string[]): string {
  if (seeds < COMMON_FROM_SEEDS) return `not judged below ${COMMON_FROM_SEEDS} seeds`;
  return missing.length === 0 ? "nothing" : missing.join(", ");
}

function endings(tally: Tally): Map<string, number> {
  const visits = [...tally.covered].filter(([name]) => name.startsWith("visit."));
  return new Map(visits.map(([name, count]) => [name.slice("visit.".length), count]));
}

function counts(of: ReadonlyMap<string, number>): string {
  if (of.size === 0) return "none";
  return [...of]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${whole(count)}`)
    .join(", ");
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${value}`;
}

function whole(count: number): string {
  return count.toLocaleString("en-US");
}
