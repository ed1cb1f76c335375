import { runInDurableObject } from "cloudflare:test";
import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { readEntry, type LogEvent, type LogTerms } from "../domain/log/leaf.ts";
import { parseLogKeys } from "../domain/log/note.ts";
import { naiveHead, naiveLeaf } from "../test/support/naive-tree.ts";
import { packEntries, tileWidth, type TileName } from "../domain/log/tile.ts";
import { TILE_WIDTH } from "../domain/log/tree.ts";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS } from "../test/system/support/samples.ts";
import { LogStore } from "./log-store.ts";
import { SaleLog } from "./sale-log.ts";

const seedOf = (byte: number): string => Buffer.alloc(32, byte).toString("base64url");
const OPENED = { kind: "opened", terms: {} as LogTerms } as const;
const over = (number: number): LogEvent => ({ kind: "over", number, how: "left" });

/** A log in tables of its own, and its clock. */
class TestLog {
  readonly storage: DurableObjectStorage;
  readonly store: LogStore;
  nowMs = NOON_MS;
  log: SaleLog;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    this.store = new LogStore(storage);
    this.log = this.#wake(`k1:${seedOf(1)}`);
  }

  /** The object was lost: what is written down is all there is. */
  restart(keys = `k1:${seedOf(1)}`): void {
    this.log = this.#wake(keys);
  }

  open(): void {
    this.log.transactionSync(() => this.log.open("drop", OPENED));
  }

  /** Writes so many entries in one transaction. */
  write(count: number, isSealed = false): void {
    const { size } = this;
    this.log.transactionSync(() => {
      for (let index = 0; index < count; index++) this.log.note(over(size + index));
      if (isSealed) this.log.seal();
    });
  }

  get size(): number {
    return this.store.state()?.tree.size ?? 0;
  }

  texts(): string[] {
    return this.store.entries(0, 1e6).map(({ entry }) => Buffer.from(entry).toString());
  }

  rows(table: string): number {
    const query = `SELECT count(*) AS count FROM ${table}`;
    return this.storage.sql.exec<{ count: number }>(query).one().count;
  }

  #wake(keys: string): SaleLog {
    const runtime = { now: () => this.nowMs };
    const { storage } = this;
    return new SaleLog({ storage, runtime, shop: "shop.example", keys: parseLogKeys(keys) });
  }
}

/** Runs a test over the tables of a fresh object. */
function withLog(run: (test: TestLog) => void): Promise<void> {
  const sequencer = bindings.QUEUE_SEQUENCER.getByName(uniqueName("log"));
  return runInDurableObject(sequencer, (_, { storage }) => run(new TestLog(storage)));
}

function withOpenLog(run: (test: TestLog) => void): Promise<void> {
  return withLog((test) => {
    test.open();
    run(test);
  });
}

function fails(run: () => void): void {
  expect(run).toThrow("on purpose");
}

function onPurpose(): never {
  throw new Error("on purpose");
}

describe("a transaction", () => {
  it("writes what was noted in it as one row, with what it tells", () =>
    withOpenLog((test) => {
      const { log, storage } = test;
      storage.sql.exec("CREATE TABLE fact (number INTEGER)");
      log.transactionSync(() => {
        for (const number of [1, 2]) {
          log.transactionSync(() => log.note(over(number)));
          storage.sql.exec("INSERT INTO fact VALUES (?)", number);
        }
        expect(log.note(over(3))).toMatchObject({ index: 3 });
      });
      expect(test.rows("log_entry")).toBe(2);
      expect(test.texts().map((text) => readEntry(text))).toMatchObject([
        OPENED,
        { sale: "drop", atMs: NOON_MS, ...over(1) },
        over(2),
        over(3),
      ]);
      fails(() => {
        log.transactionSync(() => {
          storage.sql.exec("DELETE FROM fact");
          log.note(over(4));
          onPurpose();
        });
      });
      expect([test.rows("fact"), test.size, test.rows("log_entry")]).toEqual([2, 4, 2]);
      test.write(1);
      expect(test.texts()).toHaveLength(5);
    }));

  it("that writes nothing leaves the log as it is", () =>
    withOpenLog((test) => {
      test.nowMs += 60_000;
      test.write(0);
      expect([test.size, test.rows("log_entry"), test.rows("log_checkpoint")]).toEqual([1, 1, 1]);
    }));

  it("takes back what a part of it noted that threw, and the part's seal", () =>
    withOpenLog((test) => {
      const { log } = test;
      log.transactionSync(() => {
        log.note(over(1));
        fails(() => {
          log.transactionSync(() => {
            log.note(over(2));
            log.seal();
            onPurpose();
          });
        });
        log.transactionSync(() => log.note(over(3)));
      });
      expect(test.texts().map((text) => readEntry(text))).toMatchObject([OPENED, over(1), over(3)]);
      expect(test.rows("log_checkpoint")).toBe(1);
    }));

  it("takes back a log that was opened by a part that threw", () =>
    withLog((test) => {
      const { log } = test;
      log.transactionSync(() => {
        fails(() => {
          log.transactionSync(() => {
            log.open("drop", OPENED);
            onPurpose();
          });
        });
        expect(log.note(over(1))).toBeNull();
      });
      expect(test.rows("log_tree") + test.rows("log_entry") + test.rows("log_checkpoint")).toBe(0);
      expect(log.checkpoint()).toBeNull();
    }));

  it("is what an entry needs", () =>
    withOpenLog(({ log }) => {
      expect(() => log.note(over(1))).toThrow("part of a transaction");
    }));

  it("of very many entries is several rows", () =>
    withOpenLog((test) => {
      test.write(4_500);
      expect([test.rows("log_entry"), test.size]).toEqual([1 + 3, 4_501]);
      expect(test.texts()).toHaveLength(4_501);
    }));
});

describe("times", () => {
  it("never go back, and neither do the stamps of joins", () =>
    withOpenLog((test) => {
      const joined = (stampMs: number): LogEvent => ({
        kind: "joined",
        number: 1,
        arrivedAtMs: 0,
        stampMs,
        binding: "",
      });
      const noteAt = (nowMs: number, stampMs: number): void => {
        test.nowMs = nowMs;
        test.log.transactionSync(() => test.log.note(joined(stampMs)));
      };
      noteAt(NOON_MS + 50, 40);
      noteAt(NOON_MS - 9_000, 30);
      test.restart();
      noteAt(NOON_MS - 8_000, 35);
      noteAt(NOON_MS + 60, 41);
      // The clock went back after the join was stamped.
      noteAt(NOON_MS - 7_000, NOON_MS + 70);
      const told = test.texts().map((text) => readEntry(text));
      expect(told.map(({ atMs }) => atMs - NOON_MS)).toEqual([0, 50, 50, 50, 60, 70]);
      expect(told.slice(1).map((entry) => "stampMs" in entry && entry.stampMs)).toEqual([
        40,
        40,
        40,
        41,
        NOON_MS + 70,
      ]);
    }));
});

describe("heads", () => {
  const sizeOf = (note: string | undefined): number => Number(note?.split("\n")[1]);

  it("are written when a transaction asks for one, and else once a second while the log grows", () =>
    withOpenLog((test) => {
      test.write(1);
      expect(test.rows("log_checkpoint")).toBe(1);
      test.write(1, true);
      expect(test.rows("log_checkpoint")).toBe(2);
      expect([test.log.covers(2), test.log.covers(3)]).toEqual([true, false]);
      test.nowMs += 999;
      test.write(1);
      expect(sizeOf(test.log.checkpoint()?.note)).toBe(3);
      test.nowMs += 1;
      test.write(1);
      expect(sizeOf(test.log.checkpoint()?.note)).toBe(5);
    }));

  it("cover the last entries as soon as somebody asks a second later", () =>
    withOpenLog((test) => {
      test.write(3);
      expect(test.log.checkpoint()?.size).toBe(1);
      test.nowMs += 1_000;
      expect(test.log.checkpoint()?.size).toBe(4);
      test.write(1);
      test.nowMs -= 5_000;
      expect(test.log.checkpoint()?.size).toBe(5);
    }));

  it("are the same byte for byte after a restart, and when another key signs what comes", () =>
    withOpenLog((test) => {
      test.write(5, true);
      const note = test.log.checkpoint()?.note;
      test.restart();
      expect(test.log.checkpoint()?.note).toBe(note);
      test.restart(`k2:${seedOf(2)},k1:${seedOf(1)}`);
      test.nowMs += 10_000;
      test.log.transactionSync(() => test.log.seal());
      expect(test.log.checkpoint()?.note).toBe(note);
      test.write(1, true);
      const kids = test.storage.sql.exec<{ kid: string }>(
        "SELECT kid FROM log_checkpoint ORDER BY size",
      );
      expect(kids.toArray().map(({ kid }) => kid)).toEqual(["k1", "k1", "k2"]);
    }));

  it("of one size are one: the first that was written stands", () =>
    withOpenLog((test) => {
      const head = new Uint8Array(32);
      test.store.writeHead({ size: 1, head, atMs: 0, kid: "k9" });
      expect(test.store.newestHead()).toMatchObject({ size: 1, kid: "k1", atMs: NOON_MS });
    }));
});

describe("tiles", () => {
  const anyCommit = record({
    entries: constantFrom(1, 2, 30, 200, 256, 700),
    seals: constantFrom(true, false, false),
    afterMs: constantFrom(0, 0, 400, 1_000),
  });

  /** What the specification says of a tile, from the entries themselves. */
  function naiveTile({ level, tile, width }: TileName, leaves: Buffer[]): Buffer {
    const span = TILE_WIDTH ** Number(level);
    return Buffer.concat(
      Array.from({ length: width }, (_, index) => {
        const first = (tile * TILE_WIDTH + index) * span;
        return naiveHead(leaves.slice(first, first + span));
      }),
    );
  }

  it("are served as a checkpoint has them, and nothing that no checkpoint covers", async () => {
    await withLog((shared) => {
      assert(
        property(
          array(anyCommit, { minLength: 1, maxLength: 6 }),
          array(integer({ min: 1, max: 256 }), { maxLength: 4 }),
          (commits, widths) => {
            for (const table of ["log_tree", "log_entry", "log_tile", "log_checkpoint"])
              shared.storage.sql.exec(`DELETE FROM ${table}`);
            shared.restart();
            shared.open();
            const sizes = new Set([1]);
            for (const { entries, seals, afterMs } of commits) {
              shared.nowMs += afterMs;
              shared.write(entries, seals);
              sizes.add(shared.store.newestHead()?.size ?? 0);
            }
            checkTiles(shared, sizes, widths);
          },
        ),
        { numRuns: 8 },
      );
    });
  });

  function checkTiles({ log, store }: TestLog, sizes: Set<number>, widths: number[]): void {
    const covered = Math.max(...sizes);
    const texts = store.entries(0, 1e6).map(({ entry }) => entry);
    const leaves = texts.map((entry) => naiveLeaf(entry));
    expect(store.newestHead()?.head).toEqual(new Uint8Array(naiveHead(leaves.slice(0, covered))));
    for (const level of ["entries", 0, 1] as const)
      for (let tile = 0; tile <= Math.ceil(covered / TILE_WIDTH); tile++)
        for (const width of new Set([
          TILE_WIDTH,
          ...widths,
          ...[...sizes].map((size) => tileWidth(level, tile, size)),
        ])) {
          const name = { level, tile, width };
          const isThere =
            [...sizes].some((size) => tileWidth(level, tile, size) === width) && width > 0;
          const served = width > 0 ? log.tile(name) : null;
          const expected =
            level === "entries"
              ? packEntries(texts.slice(tile * TILE_WIDTH, tile * TILE_WIDTH + width))
              : naiveTile(name, leaves);
          expect(served && Buffer.from(served), JSON.stringify(name)).toEqual(
            isThere ? Buffer.from(expected) : null,
          );
        }
  }
});

describe("pages of entries", () => {
  it("are what a checkpoint covers, 2,000 at most", () =>
    withOpenLog((test) => {
      test.write(2_500, true);
      test.write(5);
      const { log } = test;
      expect(log.entries(0, 1e9)).toMatchObject({ size: 2_501, entries: { length: 2_000 } });
      expect(log.entries(2_000, 1e9)).toEqual({
        size: 2_501,
        entries: test.texts().slice(2_000, 2_501),
      });
      expect(log.entries(1, 2)?.entries).toEqual(test.texts().slice(1, 3));
      expect(log.entries(2_501, 9)).toEqual({ size: 2_501, entries: [] });
      expect(log.texts([2_505, 0, 2_001])).toEqual(
        new Map([0, 2_001, 2_505].map((index) => [index, test.texts()[index]])),
      );
    }));
});

describe("a sale from before there were logs", () => {
  it("goes on without one", () =>
    withLog((test) => {
      const { log } = test;
      log.transactionSync(() => {
        expect(log.note(over(1))).toBeNull();
        log.seal();
      });
      expect(log.checkpoint()).toBeNull();
      expect(log.entries(0, 10)).toBeNull();
      expect(log.tile({ level: 0, tile: 0, width: 1 })).toBeNull();
      expect(log.covers(0)).toBe(false);
      expect(test.rows("log_tree") + test.rows("log_entry")).toBe(0);
    }));
});
