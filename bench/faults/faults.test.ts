import { drizzle } from "drizzle-orm/d1";
import { beforeEach, describe, expect, it } from "vitest";
import { products } from "../../d1/schema.ts";
import { SqliteDatabase } from "../../workers/purchase/testing/sqlite-database.ts";
import { faultsHappened } from "./figures.ts";
import { type FaultFigures, NO_FAULTS, noFigures } from "./plan.ts";
import { DatabaseFaults } from "./purchase/database.ts";
import { doublingQueue, shuffledBatch } from "./queue.ts";

let figures: FaultFigures;
let nowMs = 0;
let sleptMs = 0;
/** What chance says next; 0.99 when there is nothing left. */
let chances: number[] = [];
const random = (): number => chances.shift() ?? 0.99;

beforeEach(() => {
  figures = noFigures();
  [nowMs, sleptMs, chances] = [0, 0, []];
});

/** A database behind faults, what may be asked of it, and the products that stand in it. */
function behind(plan: Partial<typeof NO_FAULTS>) {
  const sleep = async (ms: number): Promise<void> => void (sleptMs += ms);
  const around = { now: () => nowMs, sleep, random };
  const faults = new DatabaseFaults({ ...NO_FAULTS, ...plan }, around, figures);
  const real = new SqliteDatabase();
  const database = drizzle(faults.before(real.binding));
  return {
    faults,
    read: () => database.select().from(products),
    write: (productId: string) =>
      database.batch([database.insert(products).values({ productId, body: "{}" })]),
    standing: () =>
      real.sqlite
        .prepare("SELECT product_id AS id FROM product ORDER BY 1")
        .all()
        .map(({ id }) => id),
  };
}

/** So many of ten. */
const units = (sold: number) => ({ sold, stock: 10 });

describe("a database that goes away", () => {
  it("does so once, in the middle of the sale, and loses nothing that it has", async () => {
    const { faults, read, standing, write } = behind({ databaseDownSeconds: 10 });
    faults.sold(units(3));
    await write("a");
    faults.sold(units(4));
    await expect(write("b")).rejects.toThrow();
    await expect(read()).rejects.toThrow();
    expect(figures).toMatchObject({ callsDown: 2, downAtMs: 0 });
    nowMs = 10_000;
    faults.sold(units(5));
    expect(await read()).toHaveLength(1);
    expect(standing()).toEqual(["a"]);
  });
});

describe("a busy database", () => {
  it("fails calls once there is a sale, half of them after they did their work", async () => {
    const { faults, standing, write } = behind({ databaseBusyPercent: 20 });
    chances = [0.1, 0.1];
    await write("before the sale");
    faults.sold(units(0));
    await expect(write("done, and not said")).rejects.toThrow();
    chances = [0.1, 0.9];
    await expect(write("not done")).rejects.toThrow();
    await write("done");
    expect(standing()).toEqual(["before the sale", "done", "done, and not said"]);
    expect(figures.callsBusy).toBe(2);
  });
});

describe("a slow database", () => {
  it("lets every call of a sale wait", async () => {
    const { faults, read } = behind({ databaseSlowMs: 100 });
    await read();
    faults.sold(units(0));
    chances = [0.5];
    await read();
    expect(sleptMs).toBe(50);
  });
});

describe("a queue that doubles", () => {
  /** What was sent: the bodies of each call, and how long each has to wait. */
  const sends: { bodies: string[]; delays: (number | undefined)[] }[] = [];
  const keep = (messages: Iterable<MessageSendRequest<string>>): void => {
    const all = [...messages];
    sends.push({
      bodies: all.map(({ body }) => body),
      delays: all.map(({ delaySeconds }) => delaySeconds),
    });
  };
  const seen: string[] = [];
  const queueOf = (times: number): Queue<string> => {
    sends.length = 0;
    seen.length = 0;
    const real = {
      send: async (body: string, options?: QueueSendOptions) => keep([{ body, ...options }]),
      sendBatch: async (messages: Iterable<MessageSendRequest<string>>) => keep(messages),
    };
    return doublingQueue(real as never, times, random, figures, (body) => seen.push(body));
  };

  it("sends a message at once, and its copies then or later", async () => {
    chances = [0, 0.6];
    await queueOf(3).send("page", { delaySeconds: 1 });
    expect(sends.map(({ bodies }) => bodies)).toEqual([["page"], ["page"], ["page"]]);
    expect(sends.map(({ delays }) => delays)).toEqual([[1], [0], [2]]);
    expect([seen, figures.copies]).toEqual([["page"], 2]);
  });

  it("sends a batch in another order, within what a batch may hold", async () => {
    await queueOf(2).sendBatch(["a", "b", "c"].map((body) => ({ body })));
    expect(sends.map(({ bodies }) => bodies)).toEqual([
      ["c", "b", "a"],
      ["c", "b", "a"],
    ]);
    expect(sends[0]?.delays).toEqual([undefined, undefined, undefined]);
    expect([seen, figures.copies]).toEqual([["a", "b", "c"], 3]);
  });

  it("is a queue as it was where nothing is doubled", async () => {
    await queueOf(1).send("page");
    expect([sends.length, figures.copies]).toEqual([1, 0]);
  });
});

describe("a batch in no order", () => {
  it("has every message once, and hears what is said of all", () => {
    const said: string[] = [];
    const batch = {
      queue: "ropeline-ledger",
      messages: ["a", "b", "c"],
      ackAll: () => said.push("ack"),
      retryAll: () => said.push("retry"),
    };
    const shuffled = shuffledBatch(batch as never, random);
    shuffled.ackAll();
    shuffled.retryAll();
    expect(shuffled).toMatchObject({ queue: "ropeline-ledger", messages: ["c", "b", "a"] });
    expect(said).toEqual(["ack", "retry"]);
  });
});

describe("faults that were asked for", () => {
  const plan = { ...NO_FAULTS, databaseDownSeconds: 10, databaseBusyPercent: 5, doubled: 5 };

  it("have to happen", () => {
    const all = { ...noFigures(), callsDown: 1, callsBusy: 1, downAtMs: 0, copies: 4 };
    expect(faultsHappened(plan, all)).toEqual([]);
    expect(faultsHappened(NO_FAULTS, null)).toEqual([]);
    expect(faultsHappened(plan, null)).toMatchObject([
      {
        kind: "unfinished",
        examples: [
          "the database never went away",
          "the database was never busy",
          "no message was doubled",
        ],
      },
    ]);
  });
});
