import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../system.ts";
import { type Started, startProcess } from "../system.ts";

const run = promisify(execFile);
/** Where Debian puts the programs of each version of PostgreSQL. */
const POSTGRES_HOME = "/usr/lib/postgresql";
/** Folders above a store's are the harness's own; its user only has to come through. */
const PASSABLE = 0o711;
const ROOT_USER = 0;

/** Both stores are on the disk before they acknowledge; what differs from the defaults and why. */
const POSTGRES_SETTINGS = {
  listen_addresses: "127.0.0.1",
  fsync: "on",
  synchronous_commit: "on",
  // A quarter of a small machine, and no checkpoint within a turn.
  shared_buffers: "512MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  // Rows that were taken are cleaned up soon: the hot end of the index stays short.
  autovacuum_naptime: "5s",
};

/** A store that runs. */
export interface Store extends Started {
  port: number;
}

/** How Redis flushes its append-only file. */
export type RedisFlush = "everysec" | "always";

/** Starts a Redis with an append-only file in this folder. */
export async function startRedis(folder: string, flush: RedisFlush): Promise<Store> {
  const port = await freePort();
  const settings = { port, bind: "127.0.0.1", dir: folder, appendonly: "yes", appendfsync: flush };
  const args = Object.entries({ ...settings, save: "" }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const isReady = (): Promise<boolean> => isListening(port);
  const started = await startProcess({
    command: "redis-server",
    args,
    folder,
    name: "redis",
    isReady,
  });
  return { ...started, port };
}

/** Makes a database in this folder and starts it, as the user `postgres` where this is root. */
export async function startPostgres(folder: string): Promise<Store> {
  const programs = await postgresPrograms();
  const data = join(folder, "postgres");
  await mkdir(data);
  const user = process.getuid?.() === ROOT_USER ? await userNamed("postgres") : null;
  if (user !== null) {
    await chown(data, user.uid, user.gid);
    for (const above of [folder, dirname(folder)]) await chmod(above, PASSABLE);
  }
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8"];
  await run(join(programs, "initdb"), init, { ...user, cwd: data });
  const port = await freePort();
  const settings = { ...POSTGRES_SETTINGS, port, unix_socket_directories: data };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const started = await startProcess({
    command: join(programs, "postgres"),
    args: ["-D", data, ...args],
    folder,
    name: "postgres",
    // It listens before it is ready.
    isReady: async () =>
      run(join(programs, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]).then(
        () => true,
        () => false,
      ),
    ...user,
  });
  return { ...started, port };
}

async function postgresPrograms(): Promise<string> {
  const versions = await readdir(POSTGRES_HOME).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined)
    throw new Error("PostgreSQL is not installed; on Debian: apt-get install postgresql");
  return join(POSTGRES_HOME, newest, "bin");
}

async function userNamed(name: string): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string): Promise<number> =>
    Number((await run("id", [flag, name])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });
}
