import type { Difference, DifferenceKind, Scalar } from "./reconcile.ts";

/** What is wrong with a row, by kind. */
const WORDS: Readonly<Record<DifferenceKind, string>> = {
  event_missing: "is missing: the event happened, and the table does not have it",
  event_changed: "is not what its writer wrote",
  event_surplus: "tells of an event that never happened",
  order_missing: "is missing: the order was made, and the table does not have it",
  order_changed: "is not what the order's events say",
  order_surplus: "is an order that no event knows of",
  payment_missing: "is missing: the attempt was made, and the table does not have it",
  payment_changed: "is not what the order's events say",
  payment_surplus: "is an attempt that no event knows of",
  charge_missing: "is missing: the order is paid, and the provider knows nothing of it",
  charge_changed: "is not what the order's payment says",
  charge_surplus: "is money at the provider that no order asked for",
  booked_twice: "was done twice by the provider",
  level_missing: "is missing: the item's counters are not in the table",
  level_changed: "is not what the item's last event says",
  units_unbalanced: "has counters that are not the sum of the orders",
  message_missing: "is missing: the event was to be told, and is not",
  message_changed: "is not what the event is to tell",
  message_doubled: "tells for the second time what was told already",
  message_surplus: "tells of something that never happened",
  message_undelivered: "was never delivered",
  notification_missing: "is missing: the message was sent, and is not in the mailbox",
  notification_surplus: "is in the mailbox, and no message was ever written for it",
};

/** A difference as a sentence that names its row: `payment phone-1.x.y:1 is not what … (state: captured, not declined).` */
export function differenceText({ kind, table, key, field, expected, found }: Difference): string {
  const words = `${table} ${key} ${WORDS[kind]}`;
  if (field === undefined) return `${words}.`;
  const is = found === undefined ? "" : written(found);
  const should = expected === undefined ? "" : `${written(expected)} is expected`;
  const says = [is && `it says ${is}`, should].filter((part) => part !== "").join(", ");
  return `${words} (${field}: ${says}).`;
}

/** Values are cut to this: an event's body is long. */
const VALUE_MAX_CHARACTERS = 60;

function written(value: Scalar): string {
  const text = value === null ? "nothing" : String(value);
  return text.length > VALUE_MAX_CHARACTERS ? `${text.slice(0, VALUE_MAX_CHARACTERS)}…` : text;
}
