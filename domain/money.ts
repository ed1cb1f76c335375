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

/** The language that amounts are written in. */
const LOCALE = "en";

/** How the amounts of a currency are written, and how many digits its minor unit has. */
interface MoneyFormat {
  format: Intl.NumberFormat;
  digits: number;
}

/** By currency, of which there are some hundred: a format costs far more to make, or to ask for its digits, than to use. */
const formats = new Map<string, MoneyFormat>();

/** An amount with its currency: `€499` or `€12.50`; digits after the point as the currency has. */
export function formatMoney({ amount, currency }: Money): string {
  const { format, digits } = formats.get(currency) ?? formatOf(currency);
  return format.format(amount / 10 ** digits);
}

function formatOf(currency: string): MoneyFormat {
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    trailingZeroDisplay: "stripIfInteger",
  });
  const known = { format, digits: format.resolvedOptions().maximumFractionDigits ?? 2 };
  formats.set(currency, known);
  return known;
}
