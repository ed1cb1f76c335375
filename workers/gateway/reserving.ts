import { intakeName, intakeOf } from "../../domain/purchase/intake.ts";
import type { SaleItem } from "../../domain/purchase/sale.ts";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { Caller } from "./bindings.ts";
import type { Gathering } from "./gathering.ts";
import { callObject } from "./object-calls.ts";

/** Has an item reserve units for a shopper: by its own object, or where the sale says so by one of its intakes. */
export function reserveUnits(
  purchases: Gathering,
  caller: Caller,
  { sku, intakes = 0 }: Pick<SaleItem, "sku" | "intakes">,
  binding: string,
  command: ReserveCommand,
): Promise<ReserveAnswer | Refusal> {
  if (intakes === 0) return purchases.reserve(caller, sku, command);
  const name = intakeName(sku, intakeOf(binding, intakes));
  return callObject(() => caller.env.SKU_INTAKE.getByName(name).reserve(command, intakes));
}
