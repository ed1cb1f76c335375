import { readdir, readFile, readlink } from "node:fs/promises";

/** What a process has open, by kind. */
export interface Handles {
  /** TCP connections that both ends hold: how many are the shoppers' affair. */
  connections: number;
  /** TCP connections that the other end has closed, and this process has not: a leak, unless it is about to. */
  deserted: number;
  /** Files: three for each database of an object that is awake. */
  files: number;
  /** Everything else: listeners, pipes, sockets without a name, the kernel's queues. */
  others: number;
}

/** States of `/proc/net/tcp` (include/net/tcp_states.h of Linux). */
const ESTABLISHED = "01";
const LISTEN = "0A";

/** What a process has open; null where the system does not tell. */
export async function handlesOf(pid: number): Promise<Handles | null> {
  try {
    const folder = `/proc/${pid}/fd`;
    const names = await readdir(folder);
    // A handle may be closed before it is looked at.
    const targets = await Promise.all(
      names.map((name) => readlink(`${folder}/${name}`).catch(() => null)),
    );
    // Later than the handles: what is open there has its state here.
    const tables = await Promise.all(
      ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8").catch(() => "")),
    );
    return sortHandles(
      targets.filter((target) => target !== null),
      parseSockets(tables.join("\n")),
    );
  } catch {
    return null;
  }
}

/** Reads lines of `/proc/net/tcp`: the state of each socket by its inode. */
export function parseSockets(text: string): Map<string, string> {
  const states = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, , , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== undefined && inode !== undefined) states.set(inode, state);
  }
  return states;
}

/** Counts what links of `/proc/PID/fd` point at; `states` are those of sockets by inode. */
export function sortHandles(
  targets: readonly string[],
  states: ReadonlyMap<string, string>,
): Handles {
  const counts: Handles = { connections: 0, deserted: 0, files: 0, others: 0 };
  for (const target of targets) counts[kindOf(target, states)] += 1;
  return counts;
}

function kindOf(target: string, states: ReadonlyMap<string, string>): keyof Handles {
  if (target.startsWith("/")) return "files";
  const state = states.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
  if (state === undefined || state === LISTEN) return "others";
  return state === ESTABLISHED ? "connections" : "deserted";
}

/** All that is open. */
export function sumOf({ connections, deserted, files, others }: Handles): number {
  return connections + deserted + files + others;
}
