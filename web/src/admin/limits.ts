/** The limits of a sale: as a sentence, and as a form gives them. */
import type { SaleLimits } from "../contract.ts";
import { formatNumber } from "../format.ts";
import { textOf } from "./form.ts";

/** Limits that a sale may have beside the one by shopper: field, and what shares the units. */
export const SHARED_LIMITS = [
  ["perAddress", "network"],
  ["perCard", "card"],
  ["perPostalAddress", "postal address"],
] as const;

/** All limits in a sentence: `At most 1 unit of an article per shopper, 4 per network.` */
export function limitsText(limits: SaleLimits): string {
  const units = `${formatNumber(limits.perShopper)} ${limits.perShopper === 1 ? "unit" : "units"}`;
  const shared = SHARED_LIMITS.flatMap(([name, whose]) => {
    const limit = limits[name];
    return limit === undefined ? [] : [`${formatNumber(limit)} per ${whose}`];
  });
  return `At most ${[`${units} of an article per shopper`, ...shared].join(", ")}.`;
}

/** The limits as typed; a field that is left empty sets none. */
export function limitsOf(data: FormData): SaleLimits {
  const shared = SHARED_LIMITS.flatMap(([name]) => {
    const typed = textOf(data, name);
    return typed === "" ? [] : [[name, Number(typed)] as const];
  });
  return { perShopper: Number(textOf(data, "perShopper")), ...Object.fromEntries(shared) };
}
