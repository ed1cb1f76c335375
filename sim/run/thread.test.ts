import { afterAll, describe, expect, it } from "vitest";
import { planOf } from "../plan/draw.ts";
import type { SourcePatch } from "./loader.ts";
import { quietPlan } from "../plan/fixture.ts";
import type { SeedResult } from "./seed.ts";
import { SimulationThread, withThread } from "./thread.ts";

const RESERVE = "domain/purchase/stock.ts";
/** Stands in `reserve` and is run by every sale in which somebody buys. */
const SOLD_OUT_CHECK = "if (command.quantity > item.level.available || isOwed(item))";

const QUIET = quietPlan(2, 2);
/** Threads take their time on a busy machine. */
const TIMEOUT_MS = 30_000;

/** Runs a statement of ours whenever somebody reserves. */
function reserving(statement: string): SourcePatch {
  return { file: RESERVE, find: SOLD_OUT_CHECK, replace: `${statement}\n${SOLD_OUT_CHECK}` };
}

async function runPatched(patch: SourcePatch): Promise<SeedResult | null> {
  return withThread({ patches: [patch] }, (thread) => thread.run(QUIET));
}

describe("a simulation thread", { timeout: TIMEOUT_MS }, () => {
  const thread = new SimulationThread();
  const other = new SimulationThread();
  afterAll(() => Promise.all([thread.stop(), other.stop()]));

  it("plays a seed to the same history each time, in any thread; another seed to another", async () => {
    const first = await thread.run(planOf(3));
    await thread.run(planOf(4));
    const again = await thread.run(planOf(3), true);
    const elsewhere = await other.run(planOf(3));
    expect(first?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(again?.hash).toBe(first?.hash);
    expect(elsewhere?.hash).toBe(first?.hash);
    expect((await thread.run(planOf(5)))?.hash).not.toBe(first?.hash);
    expect(again?.lines.length).toBe(first?.events);
    expect(first?.lines).toEqual([]);
  });

  it("finds nothing wrong with a quiet sale, and sells", async () => {
    const result = await thread.run(QUIET);
    expect(result?.violations).toEqual([]);
    expect(result?.covered).toContain("visit.bought");
  });

  it("reports time and chance from elsewhere, even where the error is swallowed", async () => {
    const calls = {
      "Date.now()": "Date.now()",
      "new Date()": "new Date()",
      "Date()": "Date()",
      "Math.random()": "Math.random()",
      "performance.now()": "performance.now()",
      "setTimeout()": "setTimeout(() => {}, 0)",
      "setInterval()": "setInterval(() => {}, 1)",
      "setImmediate()": "setImmediate(() => {})",
      "crypto.getRandomValues": "crypto.getRandomValues(new Uint8Array(1))",
    };
    const statements = Object.values(calls).map((call) => `try { ${call}; } catch {}`);
    const result = await runPatched(reserving(statements.join("\n")));
    const expected = Object.keys(calls).map((what) => `${what} was used`);
    expect(result?.violations.map(({ detail }) => detail)).toEqual([...expected, ...expected]);
    expect(result?.violations[0]?.invariant).toBe("no_exceptions");
  });

  it("reports rejections and exceptions that nobody caught", async () => {
    const statement = `if (command.shopper === "g_1") void Promise.reject(new Error("rejected"));
      else queueMicrotask(() => { throw new Error("thrown"); });`;
    const violations = (await runPatched(reserving(statement)))?.violations;
    expect(violations?.map(({ invariant }) => invariant)).toEqual([
      "no_exceptions",
      "no_exceptions",
    ]);
    // Who of them buys first is the seed's to say.
    const details = violations?.map(({ detail }) => detail).join();
    expect(details).toContain("rejected");
    expect(details).toContain("thrown");
  });

  it("lets real dates be made and parsed", async () => {
    const statement = `if (new Date(0).getTime() !== 0 || Date.parse("1970-01-01") !== 0) throw 0;`;
    expect((await runPatched(reserving(statement)))?.violations).toEqual([]);
  });

  it("reports a turn that never ends, and goes on with a new thread", async () => {
    const endless = reserving(`if (command.shopper === "g_2") for (;;);`);
    const thread = new SimulationThread([endless], 2_000);
    const result = await thread.run(QUIET);
    expect(result?.violations).toMatchObject([{ invariant: "bounded" }]);
    const alone = await thread.run(quietPlan(1, 1));
    expect(alone?.violations).toEqual([]);
    await thread.stop();
  });

  it("answers nothing once it was stopped", async () => {
    const thread = new SimulationThread();
    const starting = thread.run(QUIET);
    await thread.stop();
    expect(await starting).toBeNull();
    expect(await thread.run(QUIET)).toBeNull();
  });

  it("refuses a patch that does not fit its file, or whose file nothing loads", async () => {
    const stale = { file: RESERVE, find: "no such text", replace: "" };
    await expect(runPatched(stale)).rejects.toThrow(`The patch of ${RESERVE} fits 0 times`);
    const unused = { file: "workers/gateway/index.ts", find: "import", replace: "" };
    await expect(runPatched(unused)).rejects.toThrow("Nothing loads workers/gateway/index.ts");
  });
});
