import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { request as ask } from "undici";
import { freePort } from "../../system.ts";
import type { Request } from "../client.ts";
import { breachesOf, type Kept } from "../kept.ts";
import { mixed } from "../works.ts";
import { Crowd, type Headers, leanToken } from "./crowd.ts";
import { answers, type Contestant, type Job, type Running, startProcess } from "../system.ts";

const SERVER = join(import.meta.dirname, "..", "..", "bare", "server.ts");
/** More than any comparison sells. */
const STOCK = 10_000_000;

/** The floor and the ceilings: no framework, and of each job only what it cannot do without. */
export const bare: Contestant = {
  name: "bare",
  about:
    "the bare runtime: HMAC check, one call to an object, one row by group commit; for a poll the HMAC check alone",
  durable: "yes: SQLite, one fsync a group",
  works: ["trivial", "purchase", "poll", "stampede", "status", "join", "mix"],
  start: (folder) => startBare(folder, "/buy", "ITEM"),
};

/** What tutorials show. */
export const naive: Contestant = {
  name: "naive",
  about: "a Durable Object as tutorials write it: one transaction a request",
  durable: "yes: SQLite, one fsync a request",
  works: ["purchase"],
  start: (folder) => startBare(folder, "/naive", "NAIVE"),
};

async function startBare(folder: string, buyPath: string, item: string): Promise<Running> {
  const key = randomBytes(32).toString("base64url");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    command: process.execPath,
    args: [SERVER],
    env: { PORT: String(port), STATE: join(folder, "state"), KEY: key, STOCK: String(STOCK) },
    folder,
    name: "bare",
    isReady: () => answers(`${url}/trivial`, 200),
  });
  const crowd = new Crowd((name) => leanToken(key, name));
  const {
    buy,
    join: enter,
    mix,
    poll,
    refused,
    status,
    trivial,
  } = jobsOf(url, buyPath, item, crowd);
  return {
    url,
    pids: [server.pid],
    jobs: { trivial, purchase: buy, poll, stampede: refused, status, join: enter, mix },
    stop: () => server.stop(),
  };
}

function jobsOf(url: string, buyPath: string, item: string, crowd: Crowd) {
  const askKept = async (kind: string): Promise<Kept> => {
    const { body } = await ask(`${url}/kept/${kind}/${crowd.prefix}`);
    return (await body.json()) as Kept;
  };
  const get = (path: string, headers: Headers = {}): Request => ({
    method: "GET",
    path,
    headers,
  });
  const joinAs = (headers: Headers): Request => ({ method: "POST", path: "/join", headers });
  const body = JSON.stringify({ quantity: 1 });
  const buyAs = (headers: Headers): Request => ({ method: "POST", path: buyPath, headers, body });
  const sales: Job = {
    requests: () => [],
    idField: "orderId",
    expected: [202],
    check: async (heard, connections) =>
      breachesOf(heard, { ...(await askKept(item)), stock: STOCK }, connections),
  };
  return {
    trivial: { requests: () => [get("/trivial")], expected: [200] },
    status: { requests: () => [get("/status")], expected: [200] },
    poll: {
      requests: (count) => crowd.next(count).map((headers) => get("/poll", headers)),
      expected: [200],
    },
    refused: {
      // Forged at the first character of the MAC, where every bit counts.
      requests: (count) =>
        crowd.next(count).map(({ token = "" }) => {
          const forged = token.replace(/\.(.)/, (_, one) => `.${one === "A" ? "B" : "A"}`);
          return buyAs({ token: forged });
        }),
      expected: [403],
    },
    buy: { ...sales, requests: (count) => crowd.next(count).map(buyAs) },
    mix: {
      ...sales,
      requests: (count) =>
        crowd.next(count).map((headers, index) => {
          const kind = mixed(index);
          if (kind === "purchase") return buyAs(headers);
          return kind === "join" ? joinAs(headers) : get(`/${kind}`, headers);
        }),
      expected: [200, 201, 202],
    },
    join: {
      requests: (count) => crowd.next(count).map(joinAs),
      idField: "number",
      expected: [201],
      check: async (heard, connections) => breachesOf(heard, await askKept("LINE"), connections),
    },
  } satisfies Record<string, Job>;
}
