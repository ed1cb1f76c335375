import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ManualRuntime } from "../test/system/support/manual-runtime.ts";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS } from "../test/system/support/samples.ts";
import { GroupCommit } from "./group-commit.ts";

/** Commands of one transaction. */
const BATCH_COMMANDS = 500;

/** Group commits of which the object turns to those who wait when a test says so. */
class Bench {
  nowMs = NOON_MS;
  /** How long the longest of each batch waited, as it was told. */
  readonly ages: number[] = [];
  readonly #storage: DurableObjectStorage;
  readonly #timers = new ManualRuntime();
  readonly #commits: GroupCommit;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    const runtime = {
      now: () => this.nowMs,
      setTimer: this.#timers.setTimer.bind(this.#timers),
      clearTimer: this.#timers.clearTimer.bind(this.#timers),
      randomBytes: this.#timers.randomBytes.bind(this.#timers),
    };
    const durable = (ageMs: number): void => void this.ages.push(ageMs);
    this.#commits = new GroupCommit({ storage, runtime, after: () => undefined, durable });
  }

  come(count: number): void {
    for (let came = 0; came < count; came++) void this.#commits.run(() => null);
  }

  async turnToThem(): Promise<void> {
    await this.#timers.advance(0);
    await this.#storage.sync();
  }
}

function withCommits(test: (bench: Bench) => Promise<void>): Promise<void> {
  const object = bindings.SKU.getByName(uniqueName("sku"));
  return runInDurableObject(object, (_, { storage }) => test(new Bench(storage)));
}

describe("how long the longest of a batch waited", () => {
  it("counts from when it came, also for who did not fit into the batch before", () =>
    withCommits(async (bench) => {
      bench.come(BATCH_COMMANDS + 1);
      bench.nowMs += 2_000;
      bench.come(1);
      await bench.turnToThem();
      expect(bench.ages).toEqual([2_000, 2_000]);
    }));

  it("counts nothing of a time in which nobody waited, after a full batch either", () =>
    withCommits(async (bench) => {
      bench.come(BATCH_COMMANDS);
      await bench.turnToThem();
      bench.nowMs += 60_000;
      bench.come(1);
      await bench.turnToThem();
      expect(bench.ages).toEqual([0, 0]);
    }));
});
