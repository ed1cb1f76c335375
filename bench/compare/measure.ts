import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Heard, type Load, sendLoad, UNPACED, writeRequests } from "./client.ts";
import { cpuSecondsOf, useOf } from "./processes.ts";
import { median } from "./statistics.ts";
import type { Contestant, Job, Running } from "./system.ts";
import type { Work } from "./works.ts";

/** Runs before the first that counts: they make tables, compile code, and tell how fast it will be. */
const WARM_UPS = 3;
/** Prepared for the first of them, a second. */
const FIRST_PER_SECOND = 3000;
/** Prepared beyond what the fastest run took so far: on a shared machine one second brings twice what another did. */
const SPARE = 2.2;
/** Requests of one run at most: about 160 MB of tokens. */
const REQUESTS_MAX = 160_000;
/** Tokens that are sent again and again. */
const AGAIN_REQUESTS = 2000;
/** Of the greatest rate: what the times of answers are promised at. */
const PACED_SHARE = 0.5;
const PACED_ROUNDS = 5;
/** At a fixed rate nobody waits for a connection. */
const PACED_CONNECTIONS = 256;
/** A system is quiet when its processes take less than this share of a core … */
const QUIET_SHARE = 0.1;
const QUIET_LOOK_MS = 250;
/** … and is not waited for beyond this. */
const QUIET_LONGEST_MS = 30_000;

/** One run of one system. */
export interface Sample {
  perSecond: number;
  /** The same answers over the time until the system was quiet: what it could go on with. */
  workedOffPerSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** CPU time of the system from the first request until it was quiet, work put off included. */
  cpuSecondsPer1000: number;
  /** What the system's memory grew by. */
  memoryBytesPer1000: number;
  memoryBytes: number;
  /** Share of a core that the client took. */
  clientShare: number;
  /** How far a paced client fell behind. */
  lateMs: number;
  /** Why the figures are void; empty when they are not. */
  breaches: string[];
}

/** What one system did at one work, run by run. */
export interface Series {
  system: string;
  samples: Sample[];
  /** At half of its median rate; empty where that is not asked for. */
  paced: Sample[];
}

/** How long and how often. */
export interface Effort {
  seconds: number;
  pairs: number;
}

interface Entry {
  system: string;
  running: Running;
  job: Job;
  greatestPerSecond: number;
  series: Series;
}

/**
 * Starts these systems and lets them work in turns, so that whatever else the machine does meets all of
 * them. The bare runtime's trivial route takes part where the work has a floor.
 */
export async function measureWork(
  work: Work,
  contestants: readonly Contestant[],
  effort: Effort,
  say: (line: string) => void,
): Promise<Series[]> {
  const folder = await mkdtemp(join(tmpdir(), "ropeline-compare-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const entries: Entry[] = [];
  try {
    for (const contestant of contestants) {
      say(`${work.name}: starting ${contestant.name}`);
      entries.push(...(await startEntries(work, contestant, folder)));
    }
    for (const entry of entries)
      for (let run = 0; run < WARM_UPS; run += 1)
        await runTurn(await prepareTurn(work, entry, folder, effort, UNPACED));
    for (let pair = 1; pair <= effort.pairs; pair += 1) {
      // All requests before the first is sent: what is divided by each other follows at once, and meets the same machine.
      const turns: Turn[] = [];
      for (const entry of entries)
        turns.push(await prepareTurn(work, entry, folder, effort, UNPACED));
      await waitUntilQuiet(entries);
      for (const turn of turns) turn.entry.series.samples.push(await runTurn(turn));
      const rates = entries.map(({ series }) => Math.round(series.samples.at(-1)?.perSecond ?? 0));
      say(`${work.name} ${pair}/${effort.pairs}: ${rates.join("  ")}`);
    }
    if (work.isPaced) await measurePaced(work, entries, folder, effort, say);
    return entries.map(({ series }) => series);
  } finally {
    for (const running of new Set(entries.map((entry) => entry.running))) await running.stop();
    process.off("exit", remove);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Answers at half of what each can do, where a queue says nothing about the system. */
async function measurePaced(
  work: Work,
  entries: readonly Entry[],
  folder: string,
  effort: Effort,
  say: (line: string) => void,
): Promise<void> {
  for (let round = 0; round < PACED_ROUNDS; round += 1) {
    for (const entry of entries) {
      if (entry.system === FLOOR) continue;
      const rate = median(entry.series.samples.map(({ perSecond }) => perSecond)) * PACED_SHARE;
      const turn = await prepareTurn(work, entry, folder, effort, Math.max(1, rate));
      await waitUntilQuiet(entries);
      entry.series.paced.push(await runTurn(turn));
    }
  }
  const p99 = entries.map(({ series }) =>
    median(series.paced.map(({ p99Ms }) => p99Ms)).toFixed(1),
  );
  say(`${work.name} at half of the rate, p99 in ms: ${p99.join("  ")}`);
}

async function startEntries(work: Work, contestant: Contestant, root: string): Promise<Entry[]> {
  const running = await contestant.start(await mkdtemp(join(root, `${contestant.name}-`)));
  const job = running.jobs[work.name];
  if (job === undefined) {
    await running.stop();
    throw new Error(`${contestant.name} says that it can do ${work.name}, and has no job for it`);
  }
  const hasFloor = work.floor > 0 && contestant.name === work.ceiling;
  const floor = hasFloor ? await floorOf(running.jobs.trivial, job) : undefined;
  const entry = (system: string, job: Job): Entry => ({
    system,
    running,
    job,
    greatestPerSecond: FIRST_PER_SECOND,
    series: { system, samples: [], paced: [] },
  });
  // The floor's requests are made of the job's: those of the job itself come after, since the check asks for the last.
  return [...(floor ? [entry(FLOOR, floor)] : []), entry(contestant.name, job)];
}

/** The trivial route for the requests of a job: what comes with them, and has to be received, is the same. */
async function floorOf(trivial: Job | undefined, job: Job): Promise<Job | undefined> {
  const [bare] = (await trivial?.requests(1)) ?? [];
  if (trivial === undefined || bare === undefined) return undefined;
  const { path } = bare;
  const requests = async (count: number) =>
    (await job.requests(count)).map((request) => Object.assign(request, { path }));
  return { expected: trivial.expected, requests };
}

/** The name of the bare runtime's trivial route among the systems. */
export const FLOOR = "trivial route";

/** A run whose requests are written. */
interface Turn {
  entry: Entry;
  load: Load;
  isPaced: boolean;
}

async function prepareTurn(
  { again, connections, stretch }: Work,
  entry: Entry,
  folder: string,
  effort: Effort,
  perSecond: number,
): Promise<Turn> {
  const seconds = effort.seconds * stretch;
  const { job, running } = entry;
  const isAgain = again || entry.system === FLOOR;
  const isPaced = perSecond !== UNPACED;
  const expected = (isPaced ? perSecond : entry.greatestPerSecond * SPARE) * seconds;
  const count = isAgain
    ? AGAIN_REQUESTS
    : Math.min(REQUESTS_MAX, Math.ceil(expected) + connections * 2);
  const file = join(folder, `${entry.system}.requests`);
  await writeRequests(file, running.url, await job.requests(count));
  const load = {
    url: running.url,
    file,
    again: isAgain,
    idField: job.idField ?? null,
    connections: isPaced ? PACED_CONNECTIONS : connections,
    seconds,
    perSecond,
  };
  return { entry, load, isPaced };
}

async function runTurn({ entry, isPaced, load }: Turn): Promise<Sample> {
  const { job, running } = entry;
  const before = useOf(running.pids);
  const heard = await sendLoad(load);
  const restSeconds = (await waitUntilQuiet([entry])) / 1000;
  const after = useOf(running.pids);
  const rate = heard.answered / heard.seconds;
  entry.greatestPerSecond = Math.max(entry.greatestPerSecond, rate);
  const breaches = [
    ...oddities(heard, job, isPaced),
    ...((await job.check?.(heard, load.connections)) ?? []),
  ];
  const per1000 = 1000 / Math.max(1, heard.answered);
  return {
    perSecond: rate,
    workedOffPerSecond: heard.answered / (heard.seconds + restSeconds),
    p50Ms: heard.p50Ms,
    p95Ms: heard.p95Ms,
    p99Ms: heard.p99Ms,
    cpuSecondsPer1000: (after.cpuSeconds - before.cpuSeconds) * per1000,
    memoryBytesPer1000: (after.memoryBytes - before.memoryBytes) * per1000,
    memoryBytes: after.memoryBytes,
    clientShare: heard.cpuSeconds / heard.seconds,
    lateMs: heard.lateMs,
    breaches,
  };
}

/** What in the answers themselves says that the work was not done. */
function oddities(
  { failed, isEmpty, statuses }: Heard,
  { expected }: Job,
  isPaced: boolean,
): string[] {
  const others = Object.entries(statuses).filter(([status]) => !expected.includes(Number(status)));
  return [
    ...others.map(([status, count]) => `${count} answers ${status}`),
    ...(failed > 0 ? [`${failed} connections or answers lost`] : []),
    ...(isEmpty && !isPaced ? ["the prepared requests did not suffice"] : []),
  ];
}

/** How long, in ms, the systems went on working; of the look that finds them quiet nothing counts. */
async function waitUntilQuiet(entries: readonly Entry[]): Promise<number> {
  const pids = entries.flatMap(({ running }) => running.pids);
  const startedAtMs = performance.now();
  let before = cpuSecondsOf(pids);
  for (let busyMs = 0; ; busyMs = performance.now() - startedAtMs) {
    await delay(QUIET_LOOK_MS);
    const now = cpuSecondsOf(pids);
    const isQuiet = (now - before) * 1000 < QUIET_SHARE * QUIET_LOOK_MS;
    if (isQuiet || busyMs > QUIET_LONGEST_MS) return busyMs;
    before = now;
  }
}
