import { env } from "cloudflare:workers";
import { runInDurableObject, type D1Migration } from "cloudflare:test";
import { expect } from "vitest";
import type { Money } from "../../../domain/money.ts";
import { sharedLimits, type SaleControl } from "../../../domain/purchase/sale.ts";
import type { ItemTerms } from "../../../durable-objects/sku-store.ts";
import type { Sku } from "../../../durable-objects/sku.ts";
import { control, queueSettings } from "./samples.ts";

/** Every binding of the test Worker. */
export const bindings = env as unknown as PurchaseEnv &
  WaitingRoomEnv &
  GatewayEnv & { TEST_MIGRATIONS: D1Migration[] };

let namesGiven = 0;

/** A name that no other test of the file uses: objects live as long as the file. */
export function uniqueName(prefix: string): string {
  namesGiven += 1;
  return `${prefix}-${namesGiven}`;
}

/** What a test may want of its item beside the defaults. */
export interface ItemOptions {
  sku?: string;
  saleId?: string;
  stock?: number;
  perShopper?: number;
  perAddress?: number;
  perCard?: number;
  perPostalAddress?: number;
  holdSeconds?: number;
  price?: Money;
  control?: Partial<SaleControl>;
}

/** The terms of an item; its sale is unknown to any sequencer unless a test opens its line. */
export function termsOf(sku: string, options: ItemOptions = {}): ItemTerms {
  return {
    saleId: options.saleId ?? `sale-of-${sku}`,
    sku,
    price: options.price ?? { amount: 49_900, currency: "EUR" },
    perShopper: options.perShopper ?? 2,
    ...sharedLimits(options),
    holdSeconds: options.holdSeconds ?? 120,
  };
}

/** Creates an item of a running sale, and the sale's line: 10 units, two a shopper. */
export async function createItem(options: ItemOptions = {}): Promise<DurableObjectStub<Sku>> {
  const name = options.sku ?? uniqueName("phone");
  const sku = bindings.SKU.getByName(name);
  const terms = termsOf(name, options);
  const { saleId } = terms;
  const definition = { saleId, queue: queueSettings() };
  const saleControl = control(options.control);
  await bindings.QUEUE_SEQUENCER.getByName(saleId).create(definition, saleControl, []);
  const created = await sku.create(terms, saleControl, options.stock ?? 10);
  expect(created).toEqual({ ok: true });
  return sku;
}

/** The counters of an item, checked against `stock = available + held + sold`. */
export async function levelOf(sku: DurableObjectStub<Sku>) {
  const stats = await sku.stats();
  if (!stats) throw new Error("The item has not been created.");
  const { stock, available, held, sold } = stats.level;
  expect(available + held + sold).toBe(stock);
  return { stock, available, held, sold };
}

/** The message that a call fails with. To be used inside the object: an error that crosses RPC is logged. */
export async function errorOf(call: PromiseLike<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return String(error);
  }
  throw new Error("The call was expected to fail.");
}

/** Runs a statement over an object's own tables; its rows. */
export function rowsOf<Row extends Record<string, SqlStorageValue>>(
  object: DurableObjectStub,
  query: string,
): Promise<Row[]> {
  return runInDurableObject(object, (_, state) => state.storage.sql.exec<Row>(query).toArray());
}

/** When an object's alarm is set for; `null` when it is not. */
export function alarmOf(object: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(object, (_, state) => state.storage.getAlarm());
}
