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

/** What differs between the two that the bare runtime serves. */
interface Bare {
  worker: "bare" | "naive";
  /** What a stampede is told: who has no pass, or that all is gone. */
  refusal: 403 | 409;
  /** By which names each is asked what it kept. */
  orders: string;
  line: string;
}

/** The floor and the ceilings: no framework, and of each job only what it cannot do without. */
export const bare: Contestant = {
  name: "bare",
  about:
    "the bare runtime: HMAC check, one call to an object, one row by group commit; for a poll the HMAC check alone",
  durable: "yes: SQLite, one fsync a group",
  works: ["trivial", "purchase", "poll", "stampede", "status", "join", "mix"],
  start: (folder) =>
    startBare(folder, { worker: "bare", refusal: 403, orders: "ITEM", line: "LINE" }),
};

/** What tutorials show. */
export const naive: Contestant = {
  name: "naive",
  about: "one Durable Object as tutorials write it: asked by every request, one transaction each",
  durable: "yes: SQLite, one fsync a request",
  works: ["purchase", "poll", "stampede", "status", "join", "mix"],
  start: (folder) =>
    startBare(folder, { worker: "naive", refusal: 409, orders: "orders", line: "line" }),
};

async function startBare(folder: string, which: Bare): Promise<Running> {
  const key = randomBytes(32).toString("base64url");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    command: process.execPath,
    args: [SERVER],
    env: {
      WORKER: which.worker,
      PORT: String(port),
      STATE: join(folder, "state"),
      KEY: key,
      STOCK: String(STOCK),
    },
    folder,
    name: which.worker,
    isReady: () => answers(`${url}/status`, 200),
  });
  const crowd = new Crowd((name) => leanToken(key, name));
  const jobs = jobsOf(url, which, crowd);
  return { url, pids: [server.pid], jobs, stop: () => server.stop() };
}

function jobsOf(url: string, { line, orders, refusal }: Bare, crowd: Crowd): Running["jobs"] {
  const askKept = async (kind: string): Promise<Kept> => {
    const { body } = await ask(`${url}/kept/${kind}/${crowd.prefix}`);
    return (await body.json()) as Kept;
  };
  const get = (path: string, headers: Headers = {}): Request => ({ method: "GET", path, headers });
  const joinAs = (headers: Headers): Request => ({ method: "POST", path: "/join", headers });
  const buyAs = (headers: Headers, sku = "phone"): Request => ({
    method: "POST",
    path: "/buy",
    headers,
    body: JSON.stringify({ sku, quantity: 1 }),
  });
  const sales: Job = {
    requests: () => [],
    idField: "orderId",
    expected: [202],
    check: async (heard, connections) =>
      breachesOf(heard, { ...(await askKept(orders)), stock: STOCK }, connections),
  };
  const each = (make: (headers: Headers, index: number) => Request) => (count: number) =>
    crowd.next(count).map(make);
  return {
    trivial: { requests: () => [get("/trivial")], expected: [200] },
    status: { requests: () => [get("/status")], expected: [200] },
    poll: { requests: each((headers) => get("/poll", headers)), expected: [200] },
    stampede: {
      requests: each((headers) =>
        refusal === 403 ? buyAs(forged(headers)) : buyAs(headers, "gone"),
      ),
      expected: [refusal],
    },
    purchase: { ...sales, requests: each((headers) => buyAs(headers)) },
    mix: {
      ...sales,
      requests: each((headers, index) => {
        const kind = mixed(index);
        if (kind === "purchase") return buyAs(headers);
        return kind === "join" ? joinAs(headers) : get(`/${kind}`, headers);
      }),
      expected: [200, 201, 202],
    },
    join: {
      requests: each(joinAs),
      idField: "number",
      expected: [201],
      check: async (heard, connections) => breachesOf(heard, await askKept(line), connections),
    },
  };
}

/** Forged at the first character of the MAC, where every bit counts. */
function forged({ token = "" }: Headers): Headers {
  return { token: token.replace(/\.(.)/, (_, one) => `.${one === "A" ? "B" : "A"}`) };
}
