import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { request as ask } from "undici";
import { freePort } from "../../system.ts";
import type { Heard, Request } from "../client.ts";
import { breachesOf, type Kept } from "../kept.ts";
import { answers, type Contestant, type Job, type Running, startProcess } from "../system.ts";
import { mixed } from "../works.ts";
import { bearerToken, Crowd, type Headers, leanToken } from "./crowd.ts";
import { type RedisFlush, startPostgres, startRedis } from "./stores.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "peers");
/** Beyond what a comparison of 30 turns sells; where units are rows, they are made at the start. */
const STOCK = 1_000_000;
/** A queue behind an answer may take so long to bring the order to the tables. */
const CATCH_UP_LONGEST_MS = 60_000;
const CATCH_UP_PAUSE_MS = 500;
const ALL = ["purchase", "poll", "stampede", "status", "join", "mix"] as const;

interface Peer extends Pick<Contestant, "name" | "about" | "durable"> {
  redis: RedisFlush | null;
  hasWorker: boolean;
  headersOf: (key: string, name: string) => Headers;
}

const PEERS: readonly Peer[] = [
  {
    name: "redis-usual",
    about:
      "Node, fastify, a Redis script, BullMQ and a worker that writes PostgreSQL by an ORM, as articles have it",
    durable: "no: Redis flushes once a second, PostgreSQL follows",
    redis: "everysec",
    hasWorker: true,
    headersOf: bearerToken,
  },
  {
    name: "redis-fast",
    about:
      "the same as fast as it can be made: raw HTTP, one script that decides and appends to a stream, pipelines, a worker with bulk inserts",
    durable: "yes: Redis, one fsync a turn of its loop; PostgreSQL follows",
    redis: "always",
    hasWorker: true,
    headersOf: leanToken,
  },
  {
    name: "skip-locked-usual",
    about: "Node, fastify, an ORM and PostgreSQL: a row a unit, FOR UPDATE SKIP LOCKED, an outbox",
    durable: "yes: PostgreSQL, one fsync a group of commits",
    redis: null,
    hasWorker: false,
    headersOf: bearerToken,
  },
  {
    name: "skip-locked-fast",
    about:
      "the same as fast as it can be made: raw HTTP, all purchases that wait in one prepared statement, four at once",
    durable: "yes: PostgreSQL, one fsync a statement of many purchases",
    redis: null,
    hasWorker: false,
    headersOf: leanToken,
  },
];

/** What a shop would pick instead. */
export const peers: readonly Contestant[] = PEERS.map((peer) => ({
  name: peer.name,
  about: peer.about,
  durable: peer.durable,
  works: ALL,
  start: (folder) => startPeer(peer, folder),
}));

async function startPeer(peer: Peer, folder: string): Promise<Running> {
  await installPeers();
  const stops: (() => Promise<void>)[] = [];
  const pids: number[] = [];
  const keep = <Part extends { pid: number; stop(): Promise<void> }>(part: Part): Part => {
    pids.push(part.pid);
    stops.unshift(() => part.stop());
    return part;
  };
  const stop = async (): Promise<void> => {
    for (const one of stops) await one();
  };
  try {
    const secret = randomBytes(32).toString("base64url");
    const redis = peer.redis === null ? null : keep(await startRedis(folder, peer.redis));
    const postgres = keep(await startPostgres(folder));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      NODE_ENV: "production",
      PORT: String(port),
      REDIS_PORT: String(redis?.port ?? 0),
      POSTGRES_PORT: String(postgres.port),
      SECRET: secret,
      STOCK: String(STOCK),
    };
    const start = (name: string, isReady: () => Promise<boolean>) =>
      startProcess({
        command: process.execPath,
        args: [join(FOLDER, `${name}.js`)],
        env,
        folder,
        name,
        isReady,
      });
    keep(await start(peer.name, () => answers(`${url}/status`, 200)));
    if (peer.hasWorker) keep(await start(`${peer.name}-worker`, async () => true));
    const crowd = new Crowd((name) => peer.headersOf(secret, name));
    return { url, pids, jobs: jobsOf(url, crowd), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs what the peers stand on, once; nothing of it belongs to the product. */
export async function installPeers(): Promise<void> {
  if (existsSync(join(FOLDER, "node_modules"))) return;
  console.log("installing what the peers stand on, into bench/peers/node_modules");
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER });
}

function jobsOf(url: string, crowd: Crowd): Running["jobs"] {
  const get = (path: string, headers: Headers = {}): Request => ({ method: "GET", path, headers });
  const joinAs = (headers: Headers): Request => ({ method: "POST", path: "/queue", headers });
  const buyAs = (headers: Headers, sku = "phone"): Request => ({
    method: "POST",
    path: "/purchase",
    headers,
    body: JSON.stringify({ sku, quantity: 1 }),
  });
  const all = (make: (headers: Headers, index: number) => Request) => (count: number) =>
    crowd.next(count).map(make);
  const sales: Job = {
    requests: all((headers) => buyAs(headers)),
    idField: "orderId",
    expected: [202],
    check: (heard, connections) => judge(url, "orders", crowd.prefix, heard, connections),
  };
  return {
    purchase: sales,
    poll: { requests: all((headers) => get("/queue", headers)), expected: [200] },
    stampede: { requests: all((headers) => buyAs(headers, "gone")), expected: [409] },
    status: { requests: () => [get("/status")], expected: [200] },
    join: {
      requests: all(joinAs),
      idField: "number",
      expected: [201],
      check: (heard, connections) => judge(url, "places", crowd.prefix, heard, connections),
    },
    mix: {
      ...sales,
      requests: all((headers, index) => {
        const kind = mixed(index);
        if (kind === "purchase") return buyAs(headers);
        if (kind === "join") return joinAs(headers);
        return kind === "status" ? get("/status") : get("/queue", headers);
      }),
      expected: [200, 201, 202],
    },
  };
}

/** Compares when what was answered has come to the tables, or never will. */
async function judge(
  url: string,
  kind: string,
  prefix: string,
  heard: Heard,
  connections: number,
): Promise<string[]> {
  const untilMs = performance.now() + CATCH_UP_LONGEST_MS;
  for (;;) {
    const { body } = await ask(`${url}/kept/${kind}/${prefix}`);
    const kept = (await body.json()) as Kept;
    const breaches = breachesOf(heard, { ...kept, stock: STOCK }, connections);
    const isBehind = kept.ids.length < heard.ids.length;
    if (!isBehind || performance.now() >= untilMs) return breaches;
    await delay(CATCH_UP_PAUSE_MS);
  }
}
