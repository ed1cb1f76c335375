/** An amount in minor units (cents, yen) and its ISO 4217 currency. */
export interface Money {
  amount: number;
  currency: string;
}

/** The largest amount in minor units: far above any cart, far below 2^53 even when summed up. */
export const AMOUNT_MAX_MINOR_UNITS = 1_000_000_000;

/** The price of `quantity` units. Integers in, integer out: nothing is rounded. */
export function multiplyMoney(price: Money, quantity: number): Money {
  return { amount: price.amount * quantity, currency: price.currency };
}
