import { reset } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { databaseAnswers } from "../../workers/purchase/catalogue.ts";
import purchase from "../../workers/purchase/index.ts";
import waitingRoom from "../../workers/waiting-room/index.ts";
import { bindings } from "./support/objects.ts";
import { product } from "./support/sales.ts";

const { PURCHASE } = bindings;

describe("products", () => {
  it("are created once: a repeat returns the first, unchanged", async () => {
    const first = product({ productId: "twice" });
    expect(await PURCHASE.createProduct(first)).toEqual({ ok: true, product: first });
    const other = product({ productId: "twice", name: "Other" });
    expect(await PURCHASE.createProduct(other)).toEqual({ ok: true, product: first });
    expect(await PURCHASE.product("twice")).toEqual(first);
  });

  it("that do not exist are null", async () => {
    expect(await PURCHASE.product("no-such-product")).toBeNull();
  });

  it("are listed by id, in pages that neither repeat nor leave out", async () => {
    const ids = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for (const productId of ids.toReversed()) await PURCHASE.createProduct(product({ productId }));
    const seen: string[] = [];
    let cursor: string | null = "p-";
    const sizes: number[] = [];
    do {
      const page: Awaited<ReturnType<typeof PURCHASE.products>> = await PURCHASE.products(
        cursor,
        2,
      );
      sizes.push(page.rows.length);
      seen.push(...page.rows.map((row) => row.productId));
      cursor = page.cursor;
    } while (cursor !== null && sizes.length < 10);
    expect(seen.filter((id) => id.startsWith("p-"))).toEqual(ids);
    expect((await PURCHASE.products(null, 100)).cursor).toBeNull();
  });

  it("that fill a page exactly have no next page", async () => {
    const all = await PURCHASE.products(null, 100);
    const exact = await PURCHASE.products(null, all.rows.length);
    expect(exact.rows).toEqual(all.rows);
    expect(exact.cursor).toBeNull();
  });
});

describe("readiness", () => {
  it("is whether the database answers and has its tables", async () => {
    expect(await PURCHASE.ready()).toBe(true);
    expect(await bindings.WAITING_ROOM.ready()).toBe(true);
    await reset();
    await expect(databaseAnswers(bindings)).rejects.toThrow();
  });
});

describe("the Workers behind the gateway", () => {
  it("have no public surface", () => {
    expect(purchase.fetch().status).toBe(404);
    expect(waitingRoom.fetch().status).toBe(404);
  });
});
