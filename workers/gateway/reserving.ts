import { intakeName, intakeOf } from "../../domain/purchase/intake.ts";
import type { SaleItem } from "../../domain/purchase/sale.ts";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { Caller } from "./bindings.ts";
import { Gathering } from "./gathering.ts";
import { callObject } from "./object-calls.ts";

/** How long a purchase among others waits for more: a thousandth of what a hold lasts. */
const COMPANY_MS = 5;
/** A purchase is answered in far less, and its shopper waits. */
const LATE_MS = 5_000;

/** The purchases of an isolate, by their item. */
export type Purchases = Gathering<ReserveCommand, ReserveAnswer | Refusal>;

/** @param companyMs how long a purchase among others waits for more. */
export function gatherPurchases(runtime: Runtime, companyMs = COMPANY_MS): Purchases {
  return new Gathering<ReserveCommand, ReserveAnswer | Refusal>(runtime, {
    companyMs: () => companyMs,
    lateMs: LATE_MS,
    one: ({ SKU }, sku, command) => SKU.getByName(sku).reserve(command),
    many: ({ SKU }, sku, commands) => SKU.getByName(sku).reserveMany(commands),
  });
}

/** Has an item reserve units for a shopper: by its own object, or where the sale says so by one of its intakes. */
export function reserveUnits(
  purchases: Purchases,
  caller: Caller,
  { sku, intakes = 0 }: Pick<SaleItem, "sku" | "intakes">,
  binding: string,
  command: ReserveCommand,
): Promise<ReserveAnswer | Refusal> {
  if (intakes === 0) return purchases.ask(caller, sku, command);
  const name = intakeName(sku, intakeOf(binding, intakes));
  return callObject(() => caller.env.SKU_INTAKE.getByName(name).reserve(command, intakes));
}
