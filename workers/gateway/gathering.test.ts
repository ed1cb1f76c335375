import { expect, it } from "vitest";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import type { Bindings } from "./bindings.ts";
import { gatherPurchases } from "./reserving.ts";

/** An isolate whose timers fire when a test says so, before an item that answers each purchase by its key. */
class Isolate {
  nowMs = 0;
  calls: string[] = [];
  onCall: (keys: string[]) => void = () => {};
  #timers: { run: () => void; atMs: number }[] = [];
  readonly purchases = gatherPurchases({
    now: () => this.nowMs,
    randomBytes: (length) => new Uint8Array(length),
    setTimer: (run, delayMs) => {
      const timer = { run, atMs: this.nowMs + delayMs };
      this.#timers.push(timer);
      return timer;
    },
    clearTimer: (timer) => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    },
  });

  /** A request that buys; one that is `lost` makes no call any more. */
  buy(key: string, sku = "phone", isLost = false): Promise<string> {
    const item = {
      reserve: async (command: ReserveCommand) => this.#told([command])[0],
      reserveMany: async (commands: ReserveCommand[]) =>
        this.#told(commands).map((value) => ({ ok: true, value })),
    };
    const never = () => new Promise<never>(() => {});
    const getByName = () => (isLost ? { reserve: never, reserveMany: never } : item);
    const env = { SKU: { getByName } } as unknown as Bindings;
    const command = { idempotencyKey: key } as ReserveCommand;
    const answer = this.purchases.ask({ env, waitUntil: () => {} }, sku, command);
    return answer.then(String);
  }

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.nowMs);
    for (const { run } of due) run();
    await new Promise(setImmediate);
  }

  /** Those of requests that are over. */
  loseTimers(): void {
    this.#timers = [];
  }

  get timers(): number {
    return this.#timers.length;
  }

  #told(commands: ReserveCommand[]): unknown[] {
    const keys = commands.map(({ idempotencyKey }) => idempotencyKey);
    this.calls.push(keys.join(" "));
    this.onCall(keys);
    return keys.map((key) => `of ${key}`);
  }
}

it("asks at once for who comes alone", async () => {
  const isolate = new Isolate();
  expect(await isolate.buy("a")).toBe("of a");
  await isolate.pass(6);
  expect(await isolate.buy("b")).toBe("of b");
  expect(await isolate.buy("c", "case")).toBe("of c");
  expect(isolate.calls).toEqual(["a", "b", "c"]);
});

it("asks once for those who come together, and gives each the own answer", async () => {
  const isolate = new Isolate();
  const [a, b, c] = [isolate.buy("a"), isolate.buy("b"), isolate.buy("c")];
  expect(await a).toBe("of a");
  await isolate.pass(5);
  expect(await Promise.all([b, c])).toEqual(["of b", "of c"]);
  expect(isolate.calls).toEqual(["a", "b c"]);
  expect(isolate.timers).toBe(0);
});

it("fails for all of a call when it fails, and asks once more when the object was lost under it", async () => {
  const isolate = new Isolate();
  isolate.onCall = (keys) => {
    if (keys.includes("b")) throw new Error("Durable Object reset.");
  };
  const [, ...others] = ["a", "b", "c"].map((key) => isolate.buy(key));
  const outcomes = Promise.allSettled(others);
  await isolate.pass(5);
  expect(await outcomes).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
  expect(isolate.calls).toEqual(["a", "b c", "b c"]);
});

it("brings a hundred in one call", async () => {
  const isolate = new Isolate();
  const all = Array.from({ length: 202 }, (_, index) => isolate.buy(String(index)));
  await isolate.pass(5);
  expect(await Promise.all(all)).toHaveLength(202);
  expect(isolate.calls.map((call) => call.split(" ").length)).toEqual([1, 100, 100, 1]);
});

it("lets nobody wait for ever for a request that is lost", async () => {
  const isolate = new Isolate();
  await isolate.buy("a");
  void isolate.buy("b", "phone", true);
  const c = isolate.buy("c");
  await isolate.pass(4_999);
  expect(isolate.calls).toEqual(["a"]);
  await isolate.pass(1);
  expect(await c).toBe("of c");
});

it("waits for no call that a lost request was to make", async () => {
  const isolate = new Isolate();
  await isolate.buy("a");
  void isolate.buy("b", "phone", true);
  isolate.loseTimers();
  for (let ms = 0; ms <= 100; ms += 5) {
    void isolate.buy(`w${ms}`);
    await isolate.pass(5);
  }
  const late = isolate.buy("late");
  await isolate.pass(5);
  expect(await late).toBe("of late");
});
