import { describe, expect, it, vi } from "vitest";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import { findOrder } from "./orders.ts";

const ORDER = { orderId: "phone.o", shopper: "ada", status: "CONFIRMED" } as OrderRow;

/** An item that has the one order, and a database that is away. */
function withoutDatabase(): PurchaseEnv {
  const away = () => Promise.reject(new Error("D1_ERROR: Network connection lost."));
  const statement = { bind: () => statement, all: away, raw: away };
  const session = { prepare: () => statement, getBookmark: () => null };
  const order = async (_orderId: string, shopper: string) =>
    shopper === ORDER.shopper ? { ok: true, order: ORDER } : { ok: false, code: "not_found" };
  return {
    DB: { withSession: () => session },
    SKU: { getByName: () => ({ order }) },
  } as unknown as PurchaseEnv;
}

describe("an order while the database is away", () => {
  it("is its writer's, final as it may be, and nobody else's", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const env = withoutDatabase();
    expect(await findOrder(env, "phone", ORDER.orderId, "ada")).toEqual(ORDER);
    expect(await findOrder(env, "phone", ORDER.orderId, "bob")).toBeNull();
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
