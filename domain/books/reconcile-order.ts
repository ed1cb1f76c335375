import type { LedgerEvent, OrderRow } from "../purchase/ledger.ts";
import { fieldDifferences, type Difference } from "./reconcile.ts";
import { chargeDifferences } from "./reconcile-charges.ts";
import {
  MESSAGE_FIELDS,
  ORDER_FIELDS,
  PAYMENT_FIELDS,
  expectedRows,
  type ToldMessage,
  type MessageRow,
  type OrderGroup,
  type PaymentRow,
} from "./reconcile-rows.ts";

/** A message that is not delivered after this long is a difference: all tries of the queue are over by then. */
export const DELIVERY_GRACE_MS = 15 * 60 * 1000;

/** What is compared beside the tables. */
export interface ReconcileTerms {
  nowMs: number;
  /** The table of the provider's books; `null` where they cannot be read. */
  charges: string | null;
}

/** Everything in which the tables differ from these events, which are all of one order's. */
export function orderDifferences(
  sku: string,
  events: readonly LedgerEvent[],
  group: OrderGroup,
  terms: ReconcileTerms,
): Difference[] {
  const expected = expectedRows(sku, events);
  return [
    ...rowDifferences(group.orderId, expected.order, group.order),
    ...paymentDifferences(expected.payments, group.payments),
    ...messageDifferences(expected.messages, group.messages),
    ...outsideDifferences(expected.payments, group, terms),
  ];
}

/** The provider's books and the mailbox, against rows that are as they should be. */
export function outsideDifferences(
  payments: readonly PaymentRow[],
  { orderId, charges, messages }: OrderGroup,
  terms: ReconcileTerms,
): Difference[] {
  const { charges: table, nowMs } = terms;
  return [
    ...(table === null ? [] : chargeDifferences(table, orderId, payments, charges, nowMs)),
    ...messages.flatMap((message) => deliveryDifferences(message, terms)),
  ];
}

function rowDifferences(
  key: string,
  expected: OrderRow | null,
  found: OrderRow | null,
): Difference[] {
  const table = "orders";
  if (expected && found)
    return fieldDifferences({ kind: "order_changed", table, key }, ORDER_FIELDS, expected, found);
  if (expected) return [{ kind: "order_missing", table, key }];
  return found ? [{ kind: "order_surplus", table, key }] : [];
}

function paymentDifferences(
  expected: readonly PaymentRow[],
  found: readonly PaymentRow[],
): Difference[] {
  const table = "payment";
  const byAttempt = new Map(found.map((row) => [row.attempt, row]));
  const differences = expected.flatMap((row): Difference[] => {
    const key = `${row.orderId}:${row.attempt}`;
    const other = byAttempt.get(row.attempt);
    byAttempt.delete(row.attempt);
    return other
      ? fieldDifferences({ kind: "payment_changed", table, key }, PAYMENT_FIELDS, row, other)
      : [{ kind: "payment_missing", table, key }];
  });
  for (const { orderId, attempt } of byAttempt.values())
    differences.push({ kind: "payment_surplus", table, key: `${orderId}:${attempt}` });
  return differences;
}

function messageDifferences(
  expected: readonly ToldMessage[],
  found: readonly MessageRow[],
): Difference[] {
  const table = "message";
  const byKey = new Map(found.map((row) => [keyOf(row), row]));
  const differences = expected.flatMap((due): Difference[] => {
    const key = keyOf(due);
    const other = byKey.get(key);
    byKey.delete(key);
    return other
      ? fieldDifferences<ToldMessage>(
          { kind: "message_changed", table, key },
          MESSAGE_FIELDS,
          due,
          other,
        )
      : [{ kind: "message_missing", table, key }];
  });
  for (const [key, { kind, shopper }] of byKey) {
    const isSecond = expected.some((due) => due.kind === kind && due.shopper === shopper);
    differences.push({ kind: isSecond ? "message_doubled" : "message_surplus", table, key });
  }
  return differences;
}

function deliveryDifferences(message: MessageRow, { nowMs }: ReconcileTerms): Difference[] {
  const { state, createdAtMs, isDelivered } = message;
  const key = keyOf(message);
  const isLate = nowMs - createdAtMs >= DELIVERY_GRACE_MS;
  if (state === "sent")
    return !isDelivered ? [{ kind: "notification_missing", table: "notification", key }] : [];
  const difference = { table: "message", key, field: "state", expected: "sent", found: state };
  return isLate || state === "dead" ? [{ kind: "message_undelivered", ...difference }] : [];
}

/** What names a message or its copy in the mailbox. */
function keyOf({ eventId, shopper }: Pick<MessageRow, "eventId" | "shopper">): string {
  return `${eventId} ${shopper}`;
}
