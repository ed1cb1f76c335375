import { lapsesAtMs, type Hold, type OrderStatus } from "../domain/purchase/hold.ts";

/** A hold as it is stored: columns to find and count by, and a text of what else there is. */
export interface HoldRow extends Record<string, SqlStorageValue> {
  order_id: string;
  shopper: string;
  idempotency_key: string;
  status: OrderStatus;
  quantity: number;
  lapses_at_ms: number | null;
  body: string;
  address: string | null;
  card: string | null;
  postal_address: string | null;
}

/** What a hold is read from. */
export const HOLD_COLUMNS =
  "order_id, shopper, idempotency_key, status, quantity, lapses_at_ms, body, address, card, postal_address";

type InColumns =
  | "orderId"
  | "shopper"
  | "idempotencyKey"
  | "status"
  | "quantity"
  | "address"
  | "card"
  | "postalAddress";

/**
 * The text of what no column has: each byte of it is copied half a dozen times on its way to the disk. What a new hold begins
 * with is left out as well.
 */
export function bodyOf(hold: Hold): string {
  const { number, bodyHash, total, traceparent, suspicion, checkouts } = hold;
  const { createdAtMs, expiresAtMs, updatedAtMs, version } = hold;
  return JSON.stringify({
    number,
    bodyHash,
    total,
    createdAtMs,
    expiresAtMs: expiresAtMs === lapsesAtMs(hold) ? undefined : expiresAtMs,
    version: version === 1 ? undefined : version,
    updatedAtMs: updatedAtMs === createdAtMs ? undefined : updatedAtMs,
    payment: hold.payment ?? undefined,
    traceparent,
    suspicion,
    checkouts: checkouts.length === 0 ? undefined : checkouts,
  } satisfies Record<Exclude<keyof Hold, InColumns>, unknown>);
}

/** The hold of a row; those of older versions have all of it in their text. */
export function holdOf(row: HoldRow): Hold {
  const body = JSON.parse(row.body) as Omit<Hold, InColumns>;
  return {
    orderId: row.order_id,
    shopper: row.shopper,
    idempotencyKey: row.idempotency_key,
    status: row.status,
    quantity: row.quantity,
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.card === null ? {} : { card: row.card }),
    ...(row.postal_address === null ? {} : { postalAddress: row.postal_address }),
    ...beginning(row.lapses_at_ms ?? 0, body.createdAtMs),
    ...body,
  };
}

/** What a new hold begins with, as far as it follows from when it was made and lapses. */
function beginning(
  expiresAtMs: number,
  updatedAtMs: number,
): Pick<Hold, "expiresAtMs" | "updatedAtMs" | "version" | "payment" | "checkouts"> {
  return { expiresAtMs, updatedAtMs, version: 1, payment: null, checkouts: [] };
}
