import { and, asc, eq, gt, lt } from "drizzle-orm";
import { sandboxBookings, sandboxPayments } from "../../../d1/schema.ts";
import { database } from "../database.ts";
import type { Page } from "../page.ts";
import { splitKey } from "./provider.ts";

/** What the sandbox did with one attempt of an order. */
export interface SandboxBooking {
  /** `charge`, `capture`, `void` or `refund`. */
  kind: string;
  amount: number;
  currency: string;
  atMs: number;
}

/** Where one attempt of an order stands in the sandbox's books. */
export interface SandboxPayment {
  orderId: string;
  /** 1 for the first card that was tried. */
  attempt: number;
  amount: number;
  currency: string;
  state: string;
  bookings: SandboxBooking[];
}

/**
 * What the sandbox has on its books of an item, by key. An order id begins with its sku, so that a charge
 * for an order that nobody else knows is found as well.
 */
export async function listSandboxPayments(
  env: Pick<PurchaseEnv, "DB">,
  sku: string,
  cursor: string | null,
  limit: number,
): Promise<Page<SandboxPayment>> {
  const db = database(env);
  const { idempotencyKey: key } = sandboxPayments;
  // "/" follows "." and no sku has either of them.
  const isOfItem = and(gt(key, `${sku}.`), lt(key, `${sku}/`));
  const isBeyond = cursor === null ? undefined : gt(key, cursor);
  const page = db
    .select()
    .from(sandboxPayments)
    .where(and(isOfItem, isBeyond))
    .orderBy(asc(key))
    .limit(limit + 1);
  const pageKeys = page.as("page");
  const [payments, bookings] = await db.batch([
    page,
    db
      .select({ booking: sandboxBookings })
      .from(pageKeys)
      .innerJoin(sandboxBookings, eq(sandboxBookings.idempotencyKey, pageKeys.idempotencyKey))
      .orderBy(asc(sandboxBookings.atMs)),
  ]);
  const rows = payments.slice(0, limit);
  const last = payments.length > limit ? rows.at(-1) : undefined;
  const booked = Map.groupBy(bookings, ({ booking }) => booking.idempotencyKey);
  return {
    rows: rows.map(({ idempotencyKey, amount, currency, state }) => {
      const { orderId, attempt } = splitKey(idempotencyKey);
      const ofKey = booked.get(idempotencyKey) ?? [];
      return {
        orderId,
        attempt,
        amount,
        currency,
        state,
        bookings: ofKey.map(({ booking: { idempotencyKey: _key, ...booking } }) => booking),
      };
    }),
    cursor: last?.idempotencyKey ?? null,
  };
}
