import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A process of a group. */
export interface GroupProcess {
  pid: number;
  rssMb: number;
  command: string;
}

/** The processes of this group, by `ps`. */
export async function processesOf(group: number): Promise<GroupProcess[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pgid=,pid=,rss=,args="]);
  return parseProcesses(stdout, group);
}

/** Reads lines of `ps`: group, id, kilobytes, command. */
export function parseProcesses(text: string, group: number): GroupProcess[] {
  return text.split("\n").flatMap((line) => {
    const [, pgid, pid, kilobytes, command = ""] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(pgid) !== group) return [];
    return [{ pid: Number(pid), rssMb: Number(kilobytes) / 1024, command }];
  });
}

/** Megabytes of all SQLite files of a folder and below, logs that are not yet written back included. */
export async function sqliteMbOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const name of names.filter((file) => /\.sqlite(-wal)?$/.test(file))) {
    bytes += await stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes / 2 ** 20;
}
