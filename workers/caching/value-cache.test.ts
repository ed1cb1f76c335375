import { beforeEach, describe, expect, it, vi } from "vitest";
import { ValueCache, type Loading, type ValueCacheOptions } from "./value-cache.ts";

/** A cache under a clock of its own, with loads that a test ends when it wants. */
class Bench {
  nowMs = 0;
  later: Promise<unknown>[] = [];
  loads: { resolve: (value: string | null) => void; reject: (error: Error) => void }[] = [];
  readonly cache: ValueCache<string>;
  readonly loading: Loading<string> = {
    load: () => {
      const { promise, resolve, reject } = Promise.withResolvers<string | null>();
      this.loads.push({ resolve, reject });
      return promise;
    },
    waitUntil: (work) => this.later.push(work),
  };

  constructor(options: Pick<ValueCacheOptions<string>, "bornAtMs" | "isOlder"> = {}) {
    this.cache = new ValueCache<string>({
      runtime: { now: () => this.nowMs },
      freshMs: 500,
      refreshMs: 1_500,
      keepMs: 10_000,
      entriesMax: 2,
      ...options,
    });
  }

  get(key = "key"): Promise<string | null> {
    return this.cache.get(key, this.loading);
  }

  /** Fills the cache with a value. */
  async fill(value: string | null, key = "key"): Promise<void> {
    const got = this.get(key);
    this.loads.at(-1)?.resolve(value);
    await got;
  }
}

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

describe("ValueCache", () => {
  it("awaits the first load and then serves it while it is fresh", async () => {
    await bench.fill("one");
    bench.nowMs = 500;
    expect(await bench.get()).toBe("one");
    expect(bench.loads).toHaveLength(1);
  });

  it("has at hand what is fresh, and nothing else", async () => {
    expect(bench.cache.fresh("key")).toBeNull();
    bench.nowMs = 100;
    await bench.fill("one");
    const looks = [100, 600, 601, 99].map((nowMs) => {
      bench.nowMs = nowMs;
      return bench.cache.fresh("key");
    });
    expect(looks).toEqual(["one", "one", null, null]);
    expect(bench.loads).toHaveLength(1);
  });

  it("lets one request refresh after its answer while all use the old value", async () => {
    await bench.fill("one");
    bench.nowMs = 501;
    expect(await bench.get()).toBe("one");
    expect(await bench.get()).toBe("one");
    expect(bench.loads).toHaveLength(2);
    bench.loads[1]?.resolve("two");
    await Promise.all(bench.later);
    expect(await bench.get()).toBe("two");
  });

  it("gives the lease to the next request when a refresh does not come back", async () => {
    await bench.fill("one");
    bench.nowMs = 600;
    await bench.get();
    bench.nowMs = 1_099;
    await bench.get();
    expect(bench.loads).toHaveLength(2);
    bench.nowMs = 1_100;
    await bench.get();
    expect(bench.loads).toHaveLength(3);
  });

  it("awaits the refresh of an older value, and others still do not", async () => {
    await bench.fill("one");
    bench.nowMs = 2_000;
    const first = bench.get();
    expect(await bench.get()).toBe("one");
    bench.loads[1]?.resolve("two");
    expect(await first).toBe("two");
    expect(bench.loads).toHaveLength(2);
  });

  it("serves the last value while refreshes fail, until it is too old", async () => {
    await bench.fill("one");
    bench.nowMs = 10_000;
    const stale = bench.get();
    bench.loads[1]?.reject(new Error("away"));
    expect(await stale).toBe("one");
    bench.nowMs = 10_001;
    const tooOld = bench.get();
    bench.loads[2]?.reject(new Error("away"));
    await expect(tooOld).rejects.toThrow("away");
  });

  it("remembers absence while it is fresh and never longer", async () => {
    await bench.fill(null);
    bench.nowMs = 500;
    expect(await bench.get()).toBeNull();
    bench.nowMs = 501;
    const again = bench.get();
    bench.loads[1]?.resolve("now it is");
    expect(await again).toBe("now it is");
  });

  it("never lets an earlier load replace a later value", async () => {
    const early = bench.get();
    const late = bench.get();
    bench.loads[1]?.resolve("late");
    await late;
    bench.loads[0]?.resolve("early");
    expect(await early).toBe("early");
    expect(await bench.get()).toBe("late");
  });

  it("takes what is put for newer than loads under way", async () => {
    const early = bench.get();
    bench.cache.put("key", "put");
    bench.loads[0]?.resolve("early");
    await early;
    expect(await bench.get()).toBe("put");
  });

  it.each(["drop", "clear"] as const)("%s forgets also what is being loaded", async (way) => {
    await bench.fill("one");
    bench.nowMs = 600;
    await bench.get();
    bench.cache[way]("key");
    bench.loads[1]?.resolve("from before");
    await Promise.all(bench.later);
    const again = bench.get();
    bench.loads[2]?.resolve("from after");
    expect(await again).toBe("from after");
  });

  it("takes nothing for fresh that was loaded before the clock was set back", async () => {
    bench.nowMs = 60_000;
    await bench.fill("one");
    bench.nowMs = 59_999;
    const got = bench.get();
    bench.loads.at(-1)?.resolve("two");
    expect(await got).toBe("two");
  });

  it("keeps a bounded number of values, the latest ones", async () => {
    await bench.fill("a", "a");
    await bench.fill("b", "b");
    await bench.fill("c", "c");
    expect(await bench.get("b")).toBe("b");
    expect(await bench.get("c")).toBe("c");
    expect(bench.loads).toHaveLength(3);
    await bench.fill("a", "a");
    expect(bench.loads).toHaveLength(4);
  });
});

describe("a ValueCache of values that say when they came to be", () => {
  const SAID = { bornAtMs: Number, isOlder: (value: string, known: string) => +value < +known };

  beforeEach(() => {
    bench = new Bench(SAID);
  });

  it("counts their age from then, not from the load", async () => {
    bench.nowMs = 2_000;
    await bench.fill("800");
    bench.nowMs = 2_300;
    expect(await bench.get()).toBe("800");
    bench.nowMs = 2_301;
    const refreshed = bench.get();
    bench.loads[1]?.resolve("2300");
    expect(await refreshed).toBe("2300");
  });

  it("asks four times a second at most, though all are old by a wrong clock", async () => {
    bench.nowMs = 100_000;
    await bench.fill("1");
    bench.nowMs += 250;
    expect(await bench.get()).toBe("1");
    expect(bench.loads).toHaveLength(1);
  });

  it("takes none for younger than its load, by a clock that is ahead", async () => {
    await bench.fill("60000");
    bench.nowMs = 1_501;
    const refreshed = bench.get();
    bench.loads[1]?.resolve("60001");
    expect(await refreshed).toBe("60001");
  });

  it("keeps what is known when a load brings what is older", async () => {
    bench.nowMs = 1_000;
    await bench.fill("1000");
    bench.nowMs = 1_501;
    await bench.get();
    bench.loads[1]?.resolve("900");
    await Promise.all(bench.later);
    expect(await bench.get()).toBe("1000");
  });
});
