import { isConfirmed, ordersOfLedger, sameStatus, saysTheSame } from "./checks-ledger.ts";
import type { Evidence } from "./evidence.ts";
import { lastSeen, type OrderSeen, type PlaceTold } from "./shopper-record.ts";
import { whole } from "./table.ts";

/** What was acknowledged to shoppers, and how much of that is there in the end. */
export interface Account {
  told: number;
  there: number;
}

/** Everything that was acknowledged, by kind. */
export interface Accounts {
  /** Numbers that were told: in the public log. */
  joins: Account;
  /** Passes in hand: granted in the public log. */
  passes: Account;
  /** Holds and offers: in the ledger and in D1, with their quantity. */
  holds: Account;
  /** Orders, in the state that was told last: the same in the ledger and in D1, or one that follows from it. */
  orders: Account;
  /** Confirmed card orders: captured on the provider's own books. */
  payments: Account;
}

/** States after which an order only moves by what staff do. */
const IS_OPEN: ReadonlySet<string> = new Set(["RESERVED", "PAYMENT_PENDING"]);

/** Counts what was acknowledged against what is there. */
export function accountsOf(evidence: Evidence): Accounts {
  const { books, ledger, log, orders, records } = evidence;
  const places = records.flatMap((record) => record.places);
  const inLog = (numbers: ReadonlySet<number> | undefined, { number }: PlaceTold): boolean =>
    number !== null && numbers?.has(number) === true;
  const inLedger = ordersOfLedger(ledger);
  const inD1 = new Map(orders.map((order) => [order.orderId, order]));
  const captured = new Set(
    (books ?? []).flatMap(({ orderId, state }) => (state === "captured" ? [orderId] : [])),
  );
  const told = records.flatMap((record) =>
    [...new Set(record.orders.map(({ orderId }) => orderId))].flatMap(
      (orderId) => lastSeen(record, orderId) ?? [],
    ),
  );
  const stands = ({ orderId, status }: OrderSeen): boolean => {
    const [order, projected] = [inLedger.get(orderId), inD1.get(orderId)];
    if (order === undefined || projected === undefined) return false;
    if (IS_OPEN.has(status)) return true;
    return saysTheSame(order, status) && sameStatus(projected.status, status);
  };
  return {
    joins: account(
      places.filter(({ number }) => number !== null),
      (place) => inLog(log?.numbers.joined, place),
    ),
    passes: account(
      places.filter(({ passAtMs }) => passAtMs !== null),
      (place) => inLog(log?.numbers.granted, place),
    ),
    holds: account(
      records.flatMap(({ holds }) => holds),
      ({ orderId, quantity }) =>
        inLedger.get(orderId)?.quantity === quantity && inD1.get(orderId)?.quantity === quantity,
    ),
    orders: account(told, stands),
    payments: account(
      told.filter(
        ({ orderId, status }) => isConfirmed(status) && inD1.get(orderId)?.paymentMethod !== "cod",
      ),
      ({ orderId }) => captured.has(orderId),
    ),
  };
}

/** The units of an item after the last row of its ledger. */
export interface Units {
  stock: number;
  restocked: number;
  available: number;
  held: number;
  sold: number;
}

/** Where every unit is in the end. */
export function unitsOf({ ledger, sale }: Pick<Evidence, "ledger" | "sale">): Units {
  const { available = 0, held = 0, sold = 0 } = ledger.at(-1) ?? {};
  const restocks = ledger.filter(({ type }) => type === "restocked");
  const restocked = restocks.reduce((sum, { quantity }) => sum + quantity, 0);
  return { stock: sale.stock, restocked, available, held, sold };
}

/** For the report: how much of what was acknowledged is there, by kind. */
export function renderAccounts(accounts: Accounts): string {
  const parts = Object.entries(accounts).map(
    ([what, { there, told }]: [string, Account]) => `${whole(there)} of ${whole(told)} ${what}`,
  );
  return `${parts.join(", ")} are there in the end`;
}

function account<Told>(told: readonly Told[], isThere: (one: Told) => boolean): Account {
  return { told: told.length, there: told.filter(isThere).length };
}
