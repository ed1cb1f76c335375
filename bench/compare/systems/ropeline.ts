import { randomBytes, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { request as ask } from "undici";
import { laneOf } from "../../../domain/queue/lane.ts";
import { seededRandom } from "../../../domain/random.ts";
import {
  type Keyring,
  parseKeyring,
  sealPass,
  sealTicket,
  shopperBinding,
} from "../../../domain/token.ts";
import { loadTokenKeys } from "../../../local/secrets.ts";
import { signAccessToken } from "../../../workers/gateway/access-token.ts";
import { Admin, type FloodSale } from "../../admin.ts";
import { Caller } from "../../calls.ts";
import { machineClock } from "../../clock.ts";
import { isLedgerPage, parseBody } from "../../contract.ts";
import { Meter } from "../../meter.ts";
import { freePort } from "../../system.ts";
import type { Request } from "../client.ts";
import { breachesOf, type Kept } from "../kept.ts";
import { mixed } from "../works.ts";
import { answers, type Contestant, type Job, type Running, startProcess } from "../system.ts";

const SERVER = join(import.meta.dirname, "ropeline-server.ts");
/** The most that an item may have: more than any comparison sells. */
const STOCK = 10_000_000;
const LANES = 8;
/** Longer than any comparison: no hold, pass or invitation ends in one. */
const LIFE_SECONDS = 3600;
/** Above everyone who is let in while polls are measured. */
const FAR_NUMBER = 5_000_000;
/** Polls of a mix, sent again and again. */
const AGAIN = 2000;
const RATE_PER_MINUTE = 60_000;

/** The product, as `npm start` runs it. */
export const ropeline: Contestant = {
  name: "ropeline",
  about:
    "this product by `npm start`: gateway, every check, ledger, event pages, projection into D1 and messages, all on the runtime's one thread",
  durable: "yes: SQLite, one fsync a group",
  works: ["purchase", "poll", "stampede", "status", "join", "mix"],
  start: (folder) => startRopeline(folder, {}),
};

/** The same without what follows a purchase. */
export const ropelineIdle: Contestant = {
  name: "ropeline-idle",
  about: "the same with projection and payments idle: what a purchase costs up to its answer",
  durable: "yes: SQLite, one fsync a group",
  works: ["purchase"],
  start: (folder) => startRopeline(folder, { IDLE: "1" }),
};

/** The same on two threads, as the peers have several processes. */
export const ropelineApart: Contestant = {
  name: "ropeline-apart",
  about:
    "the same with purchases, database and queues in a process of their own, which on Cloudflare they have in any case",
  durable: "yes: SQLite, one fsync a group",
  works: ["purchase"],
  start: (folder) => startRopeline(folder, { APART: "1" }),
};

async function startRopeline(folder: string, how: Record<string, string>): Promise<Running> {
  const state = join(folder, "state");
  await mkdir(state);
  const keyring = parseKeyring(await loadTokenKeys(join(state, "secrets.json")));
  const adminToken = randomUUID();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    command: process.execPath,
    args: [SERVER],
    env: { PORT: String(port), STATE: state, ADMIN_TOKEN: adminToken, ...how },
    folder,
    name: "ropeline",
    isReady: () => answers(`${url}/ready`, 200),
  });
  const shop = new Shop(url, adminToken, keyring);
  const jobs = await shop.open();
  return { url, pids: [server.pid], jobs, stop: () => server.stop() };
}

interface Shopper {
  subject: string;
  number: number;
  headers: { authorization: string };
}

function joinOf({ saleId }: FloodSale, { headers }: Shopper): Request {
  return { method: "POST", path: `/api/v1/sales/${saleId}/queue`, headers, body: "{}" };
}

function figuresOf({ saleId }: FloodSale): Request {
  return { method: "GET", path: `/api/v1/sales/${saleId}/status` };
}

type Purchase = Request & { headers: Record<string, string> };

/** One sale that sells, and one that has sold out, with shoppers whose tokens are made here. */
class Shop {
  readonly #url: string;
  readonly #adminToken: string;
  readonly #keyring: Keyring;
  #shoppers = 0;
  #ledgerSeen = 0;

  constructor(url: string, adminToken: string, keyring: Keyring) {
    this.#url = url;
    this.#adminToken = adminToken;
    this.#keyring = keyring;
  }

  async open(): Promise<Running["jobs"]> {
    const caller = new Caller({
      origin: this.#url,
      connections: 1,
      clock: machineClock,
      random: seededRandom(1),
      meter: new Meter(),
    });
    const admin = new Admin(caller, this.#adminToken);
    const settings = {
      capacity: 1,
      newUsersPerMinute: RATE_PER_MINUTE,
      holdSeconds: LIFE_SECONDS,
      claimSeconds: LIFE_SECONDS,
      sessionDurationSeconds: LIFE_SECONDS,
      lanes: LANES,
    };
    const sale = await admin.createSale({ stock: STOCK, ...settings });
    const soldOut = await admin.createSale({ stock: 1, ...settings });
    await caller.close();
    await this.#sellOut(soldOut);
    return {
      purchase: this.#purchases(sale),
      poll: { requests: (count) => this.#polls(sale, count), expected: [200] },
      stampede: { requests: (count) => this.#refused(soldOut, count), expected: [403] },
      status: {
        requests: () => [figuresOf(sale)],
        expected: [200],
      },
      join: this.#joins(sale),
      mix: this.#mix(sale),
    };
  }

  #purchases(sale: FloodSale): Job {
    return {
      requests: async (count) =>
        (await this.#next(count)).map((shopper) => this.#purchase(sale, shopper)),
      idField: "orderId",
      expected: [202],
      check: async (heard, connections) => breachesOf(heard, await this.#kept(sale), connections),
    };
  }

  #joins(sale: FloodSale): Job {
    const numbers = new Set<string>();
    return {
      requests: async (count) => (await this.#next(count)).map((shopper) => joinOf(sale, shopper)),
      idField: "number",
      expected: [201],
      check: ({ ids }) => {
        const before = numbers.size;
        for (const id of ids) numbers.add(id);
        const again = before + ids.length - numbers.size;
        return again > 0 ? [`${again} numbers given more than once`] : [];
      },
    };
  }

  #purchase({ saleId, sku }: FloodSale, { headers, number, subject }: Shopper): Purchase {
    const nowMs = Date.now();
    const pass = sealPass(this.#keyring, {
      saleId,
      number,
      binding: shopperBinding(this.#keyring, saleId, subject),
      claimedAtMs: nowMs,
      expiresAtMs: nowMs + LIFE_SECONDS * 1000,
    });
    return {
      method: "POST",
      path: `/api/v1/sales/${saleId}/purchase`,
      headers: { ...headers, "queue-pass": pass, "idempotency-key": subject },
      body: JSON.stringify({ sku, quantity: 1 }),
    };
  }

  #mix(sale: FloodSale): Job {
    return {
      ...this.#purchases(sale),
      requests: async (count) => {
        const polls = await this.#polls(sale, AGAIN);
        const shoppers = await this.#next(count);
        return shoppers.map((shopper, index) => {
          const kind = mixed(index);
          if (kind === "poll") return polls[index % AGAIN] ?? figuresOf(sale);
          if (kind === "status") return figuresOf(sale);
          return kind === "join" ? joinOf(sale, shopper) : this.#purchase(sale, shopper);
        });
      },
      expected: [200, 201, 202],
    };
  }

  async #refused(sale: FloodSale, count: number): Promise<Request[]> {
    const shoppers = await this.#next(count);
    return shoppers.map((shopper) => {
      const { headers, ...rest } = this.#purchase(sale, shopper);
      delete headers["queue-pass"];
      return Object.assign(rest, { headers });
    });
  }

  async #polls({ saleId }: FloodSale, count: number): Promise<Request[]> {
    const nowMs = Date.now();
    const shoppers = await this.#next(count);
    return shoppers.map(({ subject }, index) => {
      const binding = shopperBinding(this.#keyring, saleId, subject);
      const lane = laneOf(binding, LANES);
      const number = FAR_NUMBER + index;
      const ticket = { saleId, lane, number, arrivedAtMs: nowMs, binding };
      return {
        method: "GET",
        path: `/api/v1/sales/${saleId}/queue`,
        headers: { "queue-ticket": sealTicket(this.#keyring, ticket) },
      };
    });
  }

  async #next(count: number): Promise<Shopper[]> {
    const nowMs = Date.now();
    const shoppers: Shopper[] = [];
    for (let made = 0; made < count; made += 1) {
      this.#shoppers += 1;
      const subject = `g_${randomBytes(16).toString("base64url")}`;
      const token = signAccessToken(this.#keyring, subject, [], LIFE_SECONDS * 24, nowMs);
      const headers = { authorization: `Bearer ${token}` };
      shoppers.push({ subject, number: this.#shoppers, headers });
    }
    return shoppers;
  }

  async #sellOut(sale: FloodSale): Promise<void> {
    const [shopper] = await this.#next(1);
    if (shopper === undefined) return;
    const { body, headers, method, path } = this.#purchase(sale, shopper);
    const answer = await ask(`${this.#url}${path}`, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      body: body ?? null,
    });
    await answer.body.dump();
    if (answer.statusCode !== 202)
      throw new Error(`the only unit was not sold: ${answer.statusCode}`);
  }

  /** What the item's ledger has of the orders since the last look. */
  async #kept({ saleId, sku, stock }: FloodSale): Promise<Kept> {
    const ids: string[] = [];
    let left = stock;
    for (;;) {
      const query = `sku=${sku}&cursor=${this.#ledgerSeen}`;
      const { body } = await ask(`${this.#url}/api/v1/admin/sales/${saleId}/ledger?${query}`, {
        headers: { authorization: `Bearer ${this.#adminToken}` },
      });
      const page = parseBody(await body.text(), isLedgerPage);
      if (page === null) throw new Error("the ledger cannot be read");
      for (const { available, held, orderId, sequence, sold, type } of page.rows) {
        this.#ledgerSeen = sequence;
        left = available;
        if (available < 0 || available + held + sold !== stock) ids.push(`unbalanced ${sequence}`);
        if (type === "reserved" && typeof orderId === "string") ids.push(orderId);
      }
      if (page.rows.length === 0) return { ids, sold: stock - left, stock };
    }
  }
}
