import { cpuSecondsOf } from "./compare/processes.ts";
import { machineClock } from "./clock.ts";
import { renderTable } from "./table.ts";

/** What a part of a run took. */
export interface Stage {
  name: string;
  seconds: number;
  driverCpuSeconds: number;
  /** Of a server that this driver has started; 0 for any other. */
  serverCpuSeconds: number;
}

interface Reading {
  atMs: number;
  driver: number;
  server: number;
}

const MS_PER_SECOND = 1000;
const US_PER_SECOND = 1_000_000;

/** Times the parts of a run, one after the other. */
export class Stages {
  readonly #read: () => Reading;
  readonly #done: Stage[] = [];
  #now: { name: string; since: Reading } | null = null;

  constructor(read: () => Reading = readProcesses) {
    this.#read = read;
  }

  /** Ends the part before, and begins this one. */
  begin(name: string): void {
    const since = this.#read();
    this.#end(since);
    this.#now = { name, since };
  }

  /** Ends the last part, and gives all. */
  finish(): Stage[] {
    this.#end(this.#read());
    return this.#done;
  }

  #end(until: Reading): void {
    if (this.#now === null) return;
    const { name, since } = this.#now;
    this.#now = null;
    this.#done.push({
      name,
      seconds: (until.atMs - since.atMs) / MS_PER_SECOND,
      driverCpuSeconds: until.driver - since.driver,
      serverCpuSeconds: until.server - since.server,
    });
  }
}

/** The table of them, with their sum; nothing where nothing was timed. */
export function renderStages(stages: readonly Stage[]): string[] {
  if (stages.length === 0) return [];
  const sum = (read: (stage: Stage) => number): number =>
    stages.reduce((total, stage) => total + read(stage), 0);
  const all: Stage = {
    name: "all",
    seconds: sum((stage) => stage.seconds),
    driverCpuSeconds: sum((stage) => stage.driverCpuSeconds),
    serverCpuSeconds: sum((stage) => stage.serverCpuSeconds),
  };
  const rows = [...stages, all].map(({ name, seconds, driverCpuSeconds, serverCpuSeconds }) => [
    name,
    seconds.toFixed(1),
    driverCpuSeconds.toFixed(1),
    serverCpuSeconds.toFixed(1),
  ]);
  return ["", ...renderTable([["stage", "s", "driver's CPU s", "server's CPU s"], ...rows], [0])];
}

function readProcesses(): Reading {
  const { system, user } = process.cpuUsage();
  const driver = (user + system) / US_PER_SECOND;
  const all = process.platform === "linux" ? cpuSecondsOf([process.pid]) : driver;
  return { atMs: machineClock.nowMs(), driver, server: Math.max(0, all - driver) };
}
