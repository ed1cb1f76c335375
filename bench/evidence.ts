import type { Admin, FloodSale } from "./admin.ts";
import type { BooksEvidence } from "./books-evidence.ts";
import { disagreements } from "./checks-ledger.ts";
import type { Clock } from "./clock.ts";
import type { LedgerRow, Order, SaleSummary, SandboxPayment } from "./contract.ts";
import type { LogEvidence } from "./log-evidence.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** The sources that are checked against each other, and the summary. */
export interface Evidence {
  sale: FloodSale;
  /** What the single writer of the stock wrote down, oldest first. */
  ledger: LedgerRow[];
  /** What arrived in D1 by way of the queue. */
  orders: Order[];
  summary: SaleSummary;
  /** What the sandbox has on its own books; null where another provider takes the money. */
  books: SandboxPayment[] | null;
  /** Orders whose payments need a person. */
  attention: Order[];
  /** Tables, messages and chains were read before the crowd was done, and no order has moved since. */
  isReadAhead: boolean;
  /** What the books say of themselves; null where they were not asked. */
  proof: BooksEvidence | null;
  /** What the sale's public log says; null where it was not read. */
  log: LogEvidence | null;
  /** What each shopper was told. */
  records: readonly ShopperRecord[];
}

/** States in which something is still to happen: to ours, and to the sandbox's. */
const OPEN_STATES: ReadonlySet<string> = new Set([
  "due",
  "action",
  "authorised",
  "voiding",
  "refunding",
  "pending",
]);

/** The projection must have caught up this long after the last shopper is done. */
const SETTLE_LONGEST_MS = 30_000;
const SETTLE_PAUSE_MS = 500;

/** Whether a payment of ours has a step to come. */
export function isPaymentOpen({ payment }: Pick<Order, "payment">): boolean {
  return payment !== undefined && OPEN_STATES.has(payment.status);
}

/** Whether the sandbox has a step to come. */
export function isChargeOpen({ state }: Pick<SandboxPayment, "state">): boolean {
  return OPEN_STATES.has(state);
}

/** Whether D1 agrees with the ledger, and no hold or payment is open. */
export function isSettled({
  books,
  ledger,
  orders,
}: Pick<Evidence, "books" | "ledger" | "orders">): boolean {
  return (
    disagreements(ledger, orders).length === 0 &&
    (ledger.at(-1)?.held ?? 0) === 0 &&
    !orders.some(isPaymentOpen) &&
    !(books ?? []).some(isChargeOpen)
  );
}

/**
 * Reads ledger, orders and books until D1 agrees with the ledger and no hold or payment is open, or time
 * is up; then whatever is there is the evidence, and the checks say what is wrong with it.
 * `openLongestMs` is how much longer holds and payments that were left behind may take.
 */
export async function collectEvidence(
  admin: Admin,
  sale: FloodSale,
  records: readonly ShopperRecord[],
  clock: Clock,
  openLongestMs = 0,
): Promise<Evidence> {
  const untilMs = clock.nowMs() + SETTLE_LONGEST_MS + openLongestMs;
  for (;;) {
    const [ledger, orders, books] = await Promise.all([
      admin.ledger(sale),
      admin.orders(sale.saleId),
      admin.sandboxPayments(sale),
    ]);
    if (isSettled({ ledger, orders, books }) || clock.nowMs() >= untilMs) {
      return {
        sale,
        ledger,
        orders,
        books,
        ...(await readNow(admin, sale)),
        records,
        isReadAhead: false,
        proof: null,
        log: null,
      };
    }
    await clock.sleep(SETTLE_PAUSE_MS);
  }
}

/** What the ledger does not say, and may change without it. */
export async function readNow(
  admin: Admin,
  { saleId }: FloodSale,
): Promise<Pick<Evidence, "attention" | "summary">> {
  return { attention: await admin.attention(saleId), summary: await admin.summary(saleId) };
}
