import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import { cpuSecondsOf } from "../compare/processes.ts";
import { answers, type Started, startProcess } from "../compare/system.ts";
import { freePort } from "../system.ts";
import type { Drive, Kept, Told } from "./load-worker.ts";

const SERVER = join(import.meta.dirname, "server.ts");
const LOOK_EVERY_MS = 200;
/** A drive of a million purchases takes two minutes on a slow machine. */
const ANSWER_LONGEST_MS = 300_000;
/** Pages leave at some thousand events a second. */
const QUIET_LONGEST_MS = 120_000;
/** Two processes that have just begun have found each other after this long. */
const FOUND_LONGEST_MS = 30_000;

/** What one drive came to. */
export interface Driven {
  told: Told[];
  seconds: number;
  /** CPU time of the item's process until the last answer … */
  cpuSeconds: number;
  /** … and until all that it puts off is done: pages, acknowledgements, reports. */
  cpuSecondsInAll: number;
}

/** What an item says of itself. */
export interface ItemStats {
  level: { stock: number; available: number; held: number; sold: number };
  calls: Record<string, number>;
  commits: number;
}

/** One item in a process of its own, and in another one its intakes with those who buy, and what takes its pages. */
export class IntakeShop {
  readonly #url: string;
  readonly #item: Started;
  readonly #load: Started;

  private constructor(url: string, item: Started, load: Started) {
    this.#url = url;
    this.#item = item;
    this.#load = load;
  }

  static async start(folder: string): Promise<IntakeShop> {
    const registry = join(folder, "registry");
    await mkdir(registry);
    const start = async (role: string): Promise<Started & { url: string }> => {
      const state = join(folder, role);
      await mkdir(state);
      const port = String(await freePort());
      const url = `http://127.0.0.1:${port}`;
      const started = await startProcess({
        command: process.execPath,
        args: [SERVER],
        env: { ROLE: role, PORT: port, STATE: state, REGISTRY: registry },
        folder,
        name: role,
        isReady: () => answers(url, role === "item" ? 404 : 200),
      });
      return { ...started, url };
    };
    const item = await start("item");
    const load = await start("load");
    return new IntakeShop(load.url, item, load);
  }

  async stop(): Promise<void> {
    await this.#load.stop();
    await this.#item.stop();
  }

  async create(sku: string, stock: number): Promise<void> {
    const untilMs = performance.now() + FOUND_LONGEST_MS;
    for (;;) {
      try {
        return void (await this.#ask("/create", { sku, stock }));
      } catch (error) {
        if (performance.now() >= untilMs) throw error;
        await delay(LOOK_EVERY_MS);
      }
    }
  }

  /** Has all shoppers of a drive buy, and waits until the item has nothing left to do. */
  async drive(drive: Drive): Promise<Driven> {
    const before = this.#cpuSeconds();
    const startMs = performance.now();
    const told = (await this.#ask("/drive", drive)) as Told[];
    const seconds = (performance.now() - startMs) / 1000;
    const cpuSeconds = this.#cpuSeconds() - before;
    await this.#untilQuiet(drive.sku);
    return { told, seconds, cpuSeconds, cpuSecondsInAll: this.#cpuSeconds() - before };
  }

  async stats(sku: string): Promise<ItemStats> {
    return (await this.#ask(`/stats/${sku}`)) as ItemStats;
  }

  /** Calls by kind, of each intake. */
  async intakeCalls(sku: string, intakes: number): Promise<Record<string, number>[]> {
    return (await this.#ask(`/intakes/${sku}/${intakes}`)) as Record<string, number>[];
  }

  async rowsWritten(sku: string): Promise<number> {
    return (await this.#ask(`/rows/${sku}`)) as number;
  }

  async kept(sku: string): Promise<Kept> {
    return (await this.#ask(`/kept/${sku}`)) as Kept;
  }

  #cpuSeconds(): number {
    return cpuSecondsOf([this.#item.pid]);
  }

  async #untilQuiet(sku: string): Promise<void> {
    const untilMs = performance.now() + QUIET_LONGEST_MS;
    while (((await this.#ask(`/behind/${sku}`)) as number) > 0) {
      if (performance.now() >= untilMs) throw new Error("the item's pages are not all taken");
      await delay(LOOK_EVERY_MS);
    }
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const answer = await request(this.#url + path, {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: ANSWER_LONGEST_MS,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  }
}
