import { refuse, type Refusal } from "../problem.ts";
import type { Hold } from "./hold.ts";
import type { Payment } from "./payment.ts";
import type { SharedLimits } from "./sale.ts";
import { NO_UNITS, type ShopperUnits } from "./shopper-units.ts";

/*
 * Limits that are judged at checkout, when it is first known what is paid with and where it goes. They
 * count the orders that are being paid or bought, whoever's they are.
 */

/** What a checkout is counted by, as keyed hashes. */
export interface CheckoutMeans {
  card?: string;
  postalAddress?: string;
}

/** The limits of an item, and the units of other orders with the same card or postal address. */
export interface CheckoutCounts {
  limits: SharedLimits;
  ofCard: ShopperUnits;
  ofPostalAddress: ShopperUnits;
}

export const NOTHING_COUNTED: CheckoutCounts = {
  limits: {},
  ofCard: NO_UNITS,
  ofPostalAddress: NO_UNITS,
};

/** What is counted of a checkout: what its item does not limit is not kept. */
export function countedMeans(
  { perCard, perPostalAddress }: SharedLimits,
  method: Payment["method"],
  { card, postalAddress }: CheckoutMeans,
): CheckoutMeans {
  return {
    ...(perCard === undefined || card === undefined || method === "cod" ? {} : { card }),
    ...(perPostalAddress === undefined || postalAddress === undefined ? {} : { postalAddress }),
  };
}

/** The hold with what this checkout is counted by, in place of what an earlier one was. */
export function withMeans(hold: Hold, means: CheckoutMeans): Hold {
  const { card: _card, postalAddress: _postalAddress, ...rest } = hold;
  return { ...rest, ...means };
}

/**
 * Why the means of a checkout do not do; `null` when they do. The hold stays as it is: another card, or
 * another address, may. A card that was not asked about is `busy` and says what it needs, so that who
 * does not know of such limits has the shopper try again.
 */
export function refusalOfMeans(
  { limits, ofCard, ofPostalAddress }: CheckoutCounts,
  method: Payment["method"],
  means: CheckoutMeans,
  quantity: number,
): Refusal | null {
  const { perCard = Infinity, perPostalAddress = Infinity } = limits;
  const { card, postalAddress } = countedMeans(limits, method, means);
  if (limits.perPostalAddress !== undefined && postalAddress === undefined)
    return refuse("validation_failed", {
      errors: [{ path: "shippingAddress", message: "is required: this sale limits units by it" }],
    });
  if (ofPostalAddress.held + ofPostalAddress.bought + quantity > perPostalAddress)
    return refuse("limit_reached", {
      detail: "All units that may go to one postal address are taken.",
      scope: "postal_address",
      limit: perPostalAddress,
      ...ofPostalAddress,
    });
  if (limits.perCard === undefined || method === "cod") return null;
  if (card === undefined) return refuse("busy", { needs: "card" });
  if (ofCard.held + ofCard.bought + quantity > perCard)
    return refuse("limit_reached", {
      detail: "All units that may be paid with one card are taken. Another card may be tried.",
      scope: "card",
      limit: perCard,
      ...ofCard,
    });
  return null;
}
