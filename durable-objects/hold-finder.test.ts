import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import type { Refusal } from "../domain/problem.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { ManualRuntime } from "../test/system/support/manual-runtime.ts";
import { bindings, createItem } from "../test/system/support/objects.ts";
import { reservation } from "../test/system/support/samples.ts";
import { SkuStore } from "./sku-store.ts";
import { Sku, type ReserveAnswer } from "./sku.ts";

useTestClock();

const SHOPPERS = ["ada", "bob", "cyd", "dan", "eve"];

/** Runs with an item of which three holds at most are found by memory alone, each purchase in a commit of its own. */
async function withItem(
  perShopper: number,
  run: (
    buy: (shopper: string, key?: string) => Promise<ReserveAnswer | Refusal>,
    sku: Sku,
    state: DurableObjectState,
    runtime: ManualRuntime,
  ) => Promise<void>,
): Promise<void> {
  const stub = await createItem({ stock: 20, perShopper });
  await runInDurableObject(stub, async (_, state) => {
    const runtime = new ManualRuntime();
    const sku = new Sku(state, bindings, runtime, 3);
    const buy = async (shopper: string, idempotencyKey = "key-1") => {
      const answer = sku.reserve(reservation(shopper, { idempotencyKey }));
      answer.catch(() => undefined);
      await runtime.advance(0);
      return answer;
    };
    await run(buy, sku, state, runtime);
  });
}

function found(state: DurableObjectState, table: "hold_of_order" | "hold_of_shopper"): number[] {
  return state.storage.sql
    .exec<{ hold: number }>(`SELECT hold FROM ${table} ORDER BY hold`)
    .toArray()
    .map(({ hold }) => hold);
}

it("finds every hold, by memory and by the tables, and so does who wakes", async () => {
  await withItem(1, async (buy, sku, state) => {
    const first: unknown[] = [];
    for (const shopper of SHOPPERS) first.push(await buy(shopper));
    expect(found(state, "hold_of_order")).toEqual([1, 2, 3]);
    expect(found(state, "hold_of_shopper")).toEqual([1, 2, 3]);
    for (const [index, shopper] of SHOPPERS.entries()) {
      expect(await buy(shopper)).toEqual(first[index]);
      expect(await buy(shopper, "key-2")).toMatchObject({ code: "limit_reached", held: 1 });
      expect(sku.order(`order-of-${shopper}-key-1`, shopper)).toMatchObject({ ok: true });
    }
    const woken = new SkuStore(state.storage, 3);
    for (const shopper of SHOPPERS) {
      expect(woken.unitsOf(shopper)).toEqual({ held: 1, bought: 0 });
      expect(woken.hold(`order-of-${shopper}-key-1`)).toMatchObject({ shopper });
    }
    expect(woken.unitsOfAll(SHOPPERS).map((row) => row.of)).toEqual(SHOPPERS);
  });
});

it("counts what a shopper has in both", async () => {
  await withItem(3, async (buy, _, state) => {
    for (const shopper of ["ada", "bob", "cyd"]) await buy(shopper);
    for (const key of ["key-2", "key-3"]) expect(await buy("ada", key)).toMatchObject({ ok: true });
    expect(found(state, "hold_of_shopper")).toEqual([1, 2, 3]);
    expect(await buy("ada", "key-4")).toMatchObject({ code: "limit_reached", held: 3 });
    expect(await buy("ada", "key-2")).toMatchObject({ orderId: "order-of-ada-key-2" });
  });
});

it("takes nobody's hold for the one that was taken back before it", async () => {
  await withItem(1, async (buy, sku, { storage }, runtime) => {
    storage.sql.exec(`CREATE TRIGGER none BEFORE UPDATE OF held ON item
      BEGIN SELECT raise(FAIL, 'none'); END`);
    await expect(buy("ada")).rejects.toThrow("none");
    storage.sql.exec("DROP TRIGGER none");
    await buy("bob");
    const refund = sku.refund("order-of-ada-key-1", { actor: "staff:ola", reason: "broken" });
    await runtime.advance(0);
    expect(await refund).toMatchObject({ code: "not_found" });
    expect(await buy("ada")).toMatchObject({ ok: true });
    expect(await buy("bob", "key-2")).toMatchObject({ code: "limit_reached", held: 1 });
    expect(await buy("ada", "key-2")).toMatchObject({ code: "limit_reached", held: 1 });
  });
});
