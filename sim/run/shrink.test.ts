import { describe, expect, it } from "vitest";
import { planOf } from "../plan/draw.ts";
import { type Plan } from "../plan/plan.ts";
import { quietPlan } from "../plan/fixture.ts";
import { brokenResult } from "./protocol.ts";
import type { SeedResult } from "./seed.ts";
import { shrink, SHRINK_ATTEMPTS_MAX } from "./shrink.ts";
import { withThread } from "./thread.ts";

/** Threads take their time on a busy machine. */
const TIMEOUT_MS = 30_000;

/** A plan with plenty of everything. */
function largePlan(): Plan {
  const plan = planOf(2);
  const shoppers = Array.from({ length: 16 }, (_, index) => ({
    subject: `g_${index}`,
    arrivesAfterMs: 0,
    sku: index % 2 === 0 ? "sku-1" : "sku-2",
    quantity: 2,
    token: "tok_decline" as const,
    habits: ["leaves" as const, "forges" as const],
  }));
  const items = ["sku-1", "sku-2"].map((sku) => ({ sku, stock: 6 }));
  const faults: Plan["faults"] = ["call.lost", "reply.lost", "commit.failed", "queue.lost"];
  return { ...plan, shoppers, items, faults, startsAsDraft: true };
}

/** A simulation that breaks an invariant where the condition holds, else another one. */
function breaking(condition: (plan: Plan) => boolean): (plan: Plan) => Promise<SeedResult> {
  return async (plan) =>
    brokenResult(plan.seed, { invariant: condition(plan) ? "ours" : "another", detail: "" });
}

describe("shrinking", { timeout: TIMEOUT_MS }, () => {
  it("leaves what it takes to break the same invariant, and nothing else", async () => {
    const isBroken = ({ shoppers, faults, items }: Plan): boolean =>
      faults.includes("commit.failed") &&
      items.some(({ stock }) => stock >= 2) &&
      shoppers.some(({ subject, habits }) => subject === "g_9" && habits.includes("forges")) &&
      shoppers.some(({ subject }) => subject === "g_3");
    const { plan, attempts } = await shrink(largePlan(), "ours", breaking(isBroken));
    expect(plan).toMatchObject({
      faults: ["commit.failed"],
      items: [{ sku: "sku-2", stock: 2 }],
      admin: [],
      startsAsDraft: false,
      shoppers: [
        { subject: "g_3", habits: [], quantity: 1, token: "tok_ok" },
        { subject: "g_9", habits: ["forges"], quantity: 1, token: "tok_ok" },
      ],
    });
    expect(attempts).toBeLessThan(SHRINK_ATTEMPTS_MAX);
  });

  it("keeps the plan when nothing smaller breaks the invariant, and gives up in time", async () => {
    const large = largePlan();
    const { plan } = await shrink(
      large,
      "ours",
      breaking(() => false),
    );
    expect(plan).toEqual(large);
    // Every other shopper is needed: each has to be tried alone.
    const many = { ...large, ...quietPlan(400, 1) };
    const isBroken = ({ shoppers }: Plan): boolean =>
      shoppers.filter(({ arrivesAfterMs }) => arrivesAfterMs % 200 === 0).length === 200;
    const { attempts } = await shrink(many, "ours", breaking(isBroken));
    expect(attempts).toBe(SHRINK_ATTEMPTS_MAX);
  });

  it("stops where it is when it is interrupted", async () => {
    let attempts = 0;
    await shrink(largePlan(), "ours", () => {
      attempts += 1;
      return Promise.resolve(null);
    });
    expect(attempts).toBe(1);
  });

  it("makes the plan of a broken source small, which replays to the same history", async () => {
    const patches = [
      {
        file: "domain/purchase/stock.ts",
        find: "command.quantity > item.level.available",
        replace: "command.quantity > item.level.available + 1",
      },
    ];
    const faults: Plan["faults"] = ["call.lost", "call.slow", "timer.late"];
    const plan: Plan = { ...quietPlan(6, 3, 2), faults };
    const [shrunk, result] = await withThread({ patches }, async (thread) => {
      const shrunk = await shrink(plan, "no_exceptions", (smaller) => thread.run(smaller));
      return [shrunk.plan, await thread.run(shrunk.plan, true)] as const;
    });
    expect(shrunk).toMatchObject({ faults: [], items: [{ stock: 1 }] });
    expect(shrunk.shoppers).toHaveLength(1);
    expect(result?.violations[0]).toMatchObject({ invariant: "no_exceptions" });
    expect(result?.lines.join("\n")).toContain("BROKEN no_exceptions");
    const replayed = await withThread({ patches }, (thread) => thread.run(shrunk));
    expect(replayed?.hash).toBe(result?.hash);
  });
});
