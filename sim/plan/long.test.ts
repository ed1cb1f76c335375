import { describe, expect, it } from "vitest";
import { planFor } from "./long.ts";
import { planOf } from "./draw.ts";
import { START_MS, troubleMsOf } from "./plan.ts";

describe("a short sale", () => {
  it("is the seed's own with the first of its shoppers", () => {
    const { shoppers, ...rest } = planOf(7);
    const { shoppers: fewer, ...others } = planFor(7, 225);
    expect(others).toEqual(rest);
    expect(fewer).toEqual(shoppers.slice(0, Math.ceil(shoppers.length / 2)));
    expect(planFor(7, 1).shoppers).toHaveLength(1);
  });
});

describe("a long sale", () => {
  it("is the seed's own where nothing else is asked for", () => {
    expect(planFor(7)).toEqual(planOf(7));
    expect(planFor(7, 450)).toEqual(planOf(7));
  });

  it("has as many more shoppers, each somebody else, who come while there is trouble", () => {
    const plan = planFor(7, 9_000);
    expect(plan.rounds).toBe(20);
    const subjects = plan.shoppers.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(subjects.length).toBeGreaterThan(20 * 3);
    const last = Math.max(...plan.shoppers.map(({ arrivesAfterMs }) => arrivesAfterMs));
    expect(last).toBeLessThan(troubleMsOf(plan));
    const skus = new Set(plan.items.map(({ sku }) => sku));
    expect(plan.shoppers.every(({ sku }) => skus.has(sku))).toBe(true);
  });

  it("is not ended by the steps of one round, and every round opens it", () => {
    const { admin } = planFor(7, 9_000);
    const kinds = admin.map(({ action }) => action.kind);
    expect(kinds).not.toContain("end");
    expect(kinds).not.toContain("move");
    const late = admin.filter(({ atMs }) => atMs > START_MS + 600_000);
    expect(late.some(({ action }) => action.kind === "restock")).toBe(true);
  });
});
