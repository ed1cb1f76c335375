import { describe, expect, it } from "vitest";
import { ManualRuntime, settle } from "../test/system/support/manual-runtime.ts";
import { Batcher, type BatcherOptions, type Outcome } from "./batcher.ts";

type Options = BatcherOptions<string, string>;

function succeed(commands: string[]): Outcome<string>[] {
  return commands.map((command) => ({ ok: true, value: command.toUpperCase() }));
}

/** A batcher that notes the batches it applies. */
function batcher(changes: Partial<Options> = {}) {
  const runtime = new ManualRuntime();
  const batches: string[][] = [];
  const apply = changes.apply ?? succeed;
  const made = new Batcher<string, string>({
    runtime,
    delayMs: () => 25,
    batchMax: 3,
    waitingMax: 5,
    ...changes,
    apply: (commands) => {
      batches.push(commands);
      return apply(commands);
    },
  });
  return { runtime, batches, batcher: made };
}

/** Queues commands that have to be taken. */
function runAll(made: Batcher<string, string>, commands: string[]): Promise<string>[] {
  return commands.map((command) => {
    const answer = made.run(command);
    if (!answer) throw new Error(`"${command}" was not taken.`);
    return answer;
  });
}

describe("the batcher", () => {
  it("applies together what waits, and gives each its own result", async () => {
    const { runtime, batches, batcher: made } = batcher();
    const first = made.run("a");
    await runtime.advance(10);
    const second = made.run("b");
    expect(batches).toEqual([]);
    await runtime.advance(15);
    expect(batches).toEqual([["a", "b"]]);
    expect(await Promise.all([first, second])).toEqual(["A", "B"]);
    await runtime.advance(1_000);
    expect(batches).toHaveLength(1);
  });

  it("answers those who came together at once, each with its own, over several batches and without room for all", async () => {
    const gate = Promise.withResolvers<void>();
    const apply = async (commands: string[]): Promise<Outcome<string>[]> => {
      if (commands.includes("d")) await gate.promise;
      return commands.map((value) =>
        value === "b" ? { ok: false, error: "no" } : { ok: true, value },
      );
    };
    const { runtime, batches, batcher: made } = batcher({ apply });
    const others = made.run("z");
    let isAnswered = false;
    const answers = made.runAll(["a", "b", "c", "d", "e", "f"]).finally(() => (isAnswered = true));
    await runtime.advance(25);
    expect(batches).toEqual([
      ["z", "a", "b"],
      ["c", "d"],
    ]);
    expect(await others).toBe("z");
    await settle();
    expect(isAnswered).toBe(false);
    gate.resolve();
    expect(await answers).toEqual([
      { ok: true, value: "a" },
      { ok: false, error: "no" },
      { ok: true, value: "c" },
      { ok: true, value: "d" },
      null,
      null,
    ]);
    expect(await made.runAll([])).toEqual([]);
  });

  it("starts a batch from a timer, never from the call", async () => {
    const { runtime, batches, batcher: made } = batcher({ delayMs: () => 0 });
    const answer = made.run("a");
    await settle();
    expect(batches).toEqual([]);
    await runtime.advance(0);
    expect(await answer).toBe("A");
  });

  it("waits as long as the most urgent command may wait", async () => {
    const delays: Record<string, number> = { slow: 60, urgent: 20 };
    const { runtime, batches, batcher: made } = batcher({ delayMs: (c) => delays[c] ?? 0 });
    const answers = runAll(made, ["slow", "urgent", "slow"]);
    await runtime.advance(19);
    expect(batches).toEqual([]);
    await runtime.advance(1);
    expect(batches).toEqual([["slow", "urgent", "slow"]]);
    await Promise.all(answers);
    await runtime.advance(1_000);
    expect(batches).toHaveLength(1);
  });

  it("applies what waits when it is told to, and what comes after waits its own time", async () => {
    const { runtime, batches, batcher: made } = batcher();
    made.flush();
    const first = made.run("a");
    await runtime.advance(10);
    made.flush();
    expect(batches).toEqual([["a"]]);
    const second = made.run("b");
    await runtime.advance(24);
    expect(batches).toHaveLength(1);
    await runtime.advance(1);
    expect(batches).toEqual([["a"], ["b"]]);
    expect(await Promise.all([first, second])).toEqual(["A", "B"]);
  });

  it("takes what does not fit into one batch at once after it, in order", async () => {
    const { runtime, batches, batcher: made } = batcher();
    const answers = runAll(made, ["a", "b", "c", "d", "e"]);
    await runtime.advance(25);
    expect(batches).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
    expect(await Promise.all(answers)).toEqual(["A", "B", "C", "D", "E"]);
  });

  it("answers null when too many wait, and takes more once a batch has left", async () => {
    const { runtime, batches, batcher: made } = batcher({ waitingMax: 2 });
    const taken = runAll(made, ["a", "b"]);
    expect(made.run("c")).toBeNull();
    await runtime.advance(25);
    expect(await Promise.all(taken)).toEqual(["A", "B"]);
    expect(made.run("d")).not.toBeNull();
    await runtime.advance(25);
    expect(batches).toEqual([["a", "b"], ["d"]]);
  });

  it("counts what is being applied as waiting: slow batches do not pile up", async () => {
    const gate = Promise.withResolvers<void>();
    const { runtime, batcher: made } = batcher({
      waitingMax: 2,
      apply: async (commands) => {
        await gate.promise;
        return succeed(commands);
      },
    });
    const taken = runAll(made, ["a", "b"]);
    await runtime.advance(25);
    expect(made.run("c")).toBeNull();
    gate.resolve();
    await Promise.all(taken);
    expect(made.run("d")).not.toBeNull();
  });

  it("asks for the delay anew with each batch", async () => {
    let delayMs = 25;
    const { runtime, batches, batcher: made } = batcher({ delayMs: () => delayMs });
    void made.run("a");
    await runtime.advance(25);
    delayMs = 100;
    void made.run("b");
    await runtime.advance(99);
    expect(batches).toEqual([["a"]]);
    await runtime.advance(1);
    expect(batches).toEqual([["a"], ["b"]]);
  });

  it("lets batches overlap while an asynchronous one waits", async () => {
    const gates = new Map<string, PromiseWithResolvers<void>>();
    const {
      runtime,
      batches,
      batcher: made,
    } = batcher({
      apply: async (commands) => {
        const gate = Promise.withResolvers<void>();
        gates.set(commands.join(""), gate);
        await gate.promise;
        return succeed(commands);
      },
    });
    const done: string[] = [];
    void made.run("a")?.then((value) => done.push(value));
    await runtime.advance(25);
    void made.run("b")?.then((value) => done.push(value));
    await runtime.advance(25);
    expect(batches).toEqual([["a"], ["b"]]);
    gates.get("b")?.resolve();
    await settle();
    expect(done).toEqual(["B"]);
    gates.get("a")?.resolve();
    await settle();
    expect(done).toEqual(["B", "A"]);
  });
});

describe("a bound of batches in flight", () => {
  it("keeps what comes meanwhile together, and sends it as soon as one is back", async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const made = batcher({
      inFlightMax: 2,
      apply: async (commands) => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
        if (commands.includes("b")) throw new Error("b is lost");
        return succeed(commands);
      },
    });
    const { runtime, batches } = made;
    const answers = [];
    for (const command of ["a", "b", "c", "d"]) {
      answers.push(...runAll(made.batcher, [command]));
      await runtime.advance(25);
    }
    expect(batches).toEqual([["a"], ["b"]]);
    const settled = Promise.allSettled(answers);
    gates[1]?.resolve();
    await runtime.advance(0);
    expect(batches).toEqual([["a"], ["b"], ["c", "d"]]);
    gates[0]?.resolve();
    gates[2]?.resolve();
    expect((await settled).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
  });
});

describe("a failure", () => {
  it("of one command is that command's alone", async () => {
    const broken = new Error("b is broken");
    const { runtime, batcher: made } = batcher({
      apply: (commands) =>
        commands.map((command) =>
          command === "b" ? { ok: false, error: broken } : { ok: true, value: command },
        ),
    });
    const answers = Promise.allSettled(runAll(made, ["a", "b", "c"]));
    await runtime.advance(25);
    expect(await answers).toEqual([
      { status: "fulfilled", value: "a" },
      { status: "rejected", reason: broken },
      { status: "fulfilled", value: "c" },
    ]);
  });

  it.each<[name: string, apply: Options["apply"]]>([
    [
      "thrown",
      () => {
        throw new Error("the commit failed");
      },
    ],
    ["rejected", () => Promise.reject(new Error("the commit failed"))],
  ])("of the commit, %s, is the whole batch's, and the next batch is served", async (_, apply) => {
    let broken = true;
    const { runtime, batcher: made } = batcher({
      apply: (commands) => (broken ? apply(commands) : succeed(commands)),
    });
    const answers = Promise.allSettled(runAll(made, ["a", "b"]));
    await runtime.advance(25);
    expect((await answers).map((answer) => answer.status)).toEqual(["rejected", "rejected"]);
    broken = false;
    const next = made.run("c");
    await runtime.advance(25);
    expect(await next).toBe("C");
  });

  it("to give an outcome is an error, not silence", async () => {
    const { runtime, batcher: made } = batcher({
      apply: (commands) => succeed(commands.slice(1)),
    });
    const answers = Promise.allSettled(runAll(made, ["a", "b"]));
    await runtime.advance(25);
    expect(await answers).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { message: "The batch gave no outcome for a command." } },
    ]);
  });
});
