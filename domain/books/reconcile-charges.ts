import type { Difference } from "./reconcile.ts";
import type { Charge, PaymentRow } from "./reconcile-rows.ts";

/*
 * A provider's books against the payments of one order. The provider acts first, then the item hears of it:
 * whatever has a step to come may differ.
 */

/**
 * News of a provider may be this long on its way: longer than the tries to give back what an attempt took
 * that is over.
 */
export const PROVIDER_GRACE_MS = 5 * 60 * 1000;

/** States of a charge in which the provider has, or can take, the shopper's money. */
const WITH_MONEY: ReadonlySet<string> = new Set(["authorised", "captured"]);

/** States of a payment that is at rest, and how the provider may have it; of the others anything is possible. */
const PROVIDER_STATES: Readonly<Record<string, readonly string[]>> = {
  declined: ["declined", "voided", "refunded"],
  authorised: ["authorised", "captured", "refunded"],
  captured: ["captured"],
  voided: ["voided", "declined"],
  refunded: ["refunded"],
};

/** States of a payment that the provider cannot but know of. */
const KNOWN_TO_PROVIDER: ReadonlySet<string> = new Set(["authorised", "captured", "refunded"]);

/** What is booked for a charge in each state, in alphabetical order. A void may come before anything was charged. */
const BOOKED: Readonly<Record<string, readonly string[]>> = {
  pending: [""],
  action: [""],
  declined: [""],
  authorised: ["charge"],
  captured: ["capture,charge"],
  voided: ["charge,void", "void"],
  refunded: ["capture,charge,refund"],
};

/** The differences between the attempts of one order, as they should be, and what its provider did for them. */
export function chargeDifferences(
  table: string,
  orderId: string,
  payments: readonly PaymentRow[],
  charges: readonly Charge[],
  nowMs: number,
): Difference[] {
  const ofAttempt = new Map(
    payments.filter(({ method }) => method === "card").map((row) => [row.attempt, row]),
  );
  const newest = Math.max(0, ...payments.map(({ attempt }) => attempt));
  const hasPaid = ofAttempt.get(newest)?.state === "captured";
  const differences: Difference[] = [];
  for (const charge of charges) {
    differences.push(...bookingDifferences(charge));
    const row = ofAttempt.get(charge.attempt);
    const key = keyOf(charge);
    const isFresh = nowMs - lastMovedAtMs(charge) < PROVIDER_GRACE_MS;
    const { state } = charge;
    if (!row) {
      if (WITH_MONEY.has(state) && !isFresh)
        differences.push({ kind: "charge_surplus", table, key, field: "state", found: state });
      continue;
    }
    for (const field of ["amount", "currency"] as const)
      if (row[field] !== charge[field]) {
        const [expected, found] = [row[field], charge[field]];
        differences.push({ kind: "charge_changed", table, key, field, expected, found });
      }
    if (isFresh) continue;
    if (charge.attempt < newest) {
      if (!WITH_MONEY.has(state)) continue;
      const kind = hasPaid && state === "captured" ? "booked_twice" : "charge_changed";
      differences.push({ kind, table, key, field: "state", expected: row.state, found: state });
    } else if (PROVIDER_STATES[row.state]?.includes(state) === false)
      differences.push({
        kind: "charge_changed",
        table,
        key,
        field: "state",
        expected: row.state,
        found: state,
      });
  }
  const known = new Set(charges.map(({ attempt }) => attempt));
  for (const { attempt, state } of ofAttempt.values())
    if (KNOWN_TO_PROVIDER.has(state) && !known.has(attempt)) {
      const key = `${orderId}:${attempt}`;
      differences.push({ kind: "charge_missing", table, key, field: "state", expected: state });
    }
  return differences;
}

/** Whether each thing was done once, for the whole amount, and nothing else than the state says. */
function bookingDifferences(charge: Charge): Difference[] {
  const table = "sandbox_booking";
  const { bookings, state, amount, currency } = charge;
  const differences: Difference[] = [];
  const kinds = bookings.map(({ kind }) => kind).toSorted();
  const [usual = "", ...others] = BOOKED[state] ?? [];
  const found = kinds.join(",");
  if (BOOKED[state] && ![usual, ...others].includes(found)) {
    const isTwice = kinds.some((kind, index) => kind === kinds[index - 1]);
    const kind = isTwice ? "booked_twice" : "charge_changed";
    differences.push({ kind, table, key: keyOf(charge), field: "kind", expected: usual, found });
  }
  for (const booking of bookings.toSorted((one, other) => (one.kind < other.kind ? -1 : 1)))
    if (booking.amount !== amount || booking.currency !== currency)
      differences.push({
        kind: "charge_changed",
        table,
        key: `${keyOf(charge)} ${booking.kind}`,
        field: "amount",
        expected: `${amount} ${currency}`,
        found: `${booking.amount} ${booking.currency}`,
      });
  return differences;
}

function keyOf({ orderId, attempt }: Charge): string {
  return `${orderId}:${attempt}`;
}

/** When the provider last did something; far back when it says nothing of that. */
function lastMovedAtMs({ bookings }: Charge): number {
  return Math.max(-Infinity, ...bookings.map(({ atMs }) => atMs));
}
