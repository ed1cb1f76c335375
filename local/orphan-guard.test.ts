import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { expect, test } from "vitest";

const POLL_MS = 20;
const POLLS_MAX = 250;

/** Starts a child that only sleeps, as guarded as told, and prints its process id. */
const PARENT = `
import { spawn } from "node:child_process";
const { guardNewChildren } = await import(process.argv[1]);
const guard = guardNewChildren();
const child = spawn(process.execPath, ["--eval", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
guard.refresh();
if (process.argv[2] === "lifted") guard.lift();
// The guard has to be up before the parent is killed.
setTimeout(() => console.log(child.pid), 500);
`;

async function startParent(mode: string): Promise<{ kill: () => void; childPid: number }> {
  const guardModule = pathToFileURL(join(import.meta.dirname, "orphan-guard.ts")).href;
  const args = ["--input-type=module", "--eval", PARENT, guardModule, mode];
  const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(parent.stdout, "data");
  return { kill: () => void parent.kill("SIGKILL"), childPid: Number(String(line)) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function endsSoon(pid: number): Promise<boolean> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    if (!isAlive(pid)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

test("a guarded child ends with its parent, also when that is killed", async () => {
  const { kill, childPid } = await startParent("guarded");
  expect(isAlive(childPid)).toBe(true);
  kill();
  expect(await endsSoon(childPid)).toBe(true);
});

test("a lifted guard leaves the child alone", async () => {
  const { kill, childPid } = await startParent("lifted");
  kill();
  await sleep(500);
  expect(isAlive(childPid)).toBe(true);
  process.kill(childPid, "SIGKILL");
});
