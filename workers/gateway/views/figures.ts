import type { z } from "@hono/zod-openapi";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { formatTime } from "../../../domain/time.ts";
import type { SandboxPayment } from "../../purchase/providers/sandbox-books.ts";
import type { SaleSummary } from "../../purchase/summary.ts";
import type { LedgerPage, SandboxPage, Summary } from "../schemas/figures.ts";

/** A conversion is told to a hundredth of a percent. */
const CONVERSION_PARTS = 10_000;

/** A row of a ledger, with the counters after it. */
export function ledgerRowView(event: LedgerEvent): z.input<typeof LedgerPage>["rows"][number] {
  const { sequence, atMs, type, quantity, order, level, reason, actor, refusals } = event;
  const { available, held, sold } = level;
  return {
    sequence,
    at: formatTime(atMs),
    type,
    ...(order === null ? {} : { orderId: order.orderId }),
    quantity,
    available,
    held,
    sold,
    ...(reason === null ? {} : { reason }),
    ...(actor === undefined ? {} : { actor }),
    ...(refusals === undefined ? {} : { refusals }),
  };
}

/** An attempt to pay, as the sandbox has it on its own books. */
export function sandboxPaymentView(
  payment: SandboxPayment,
): z.input<typeof SandboxPage>["payments"][number] {
  const { orderId, attempt, state, amount, currency, bookings } = payment;
  return {
    orderId,
    attempt,
    state,
    amount: { amount, currency },
    bookings: bookings.map((booking) => ({
      kind: booking.kind,
      at: formatTime(booking.atMs),
      amount: { amount: booking.amount, currency: booking.currency },
    })),
  };
}

/** The figures of a sale. */
export function summaryView(summary: SaleSummary): z.input<typeof Summary> {
  const { saleId, sold, revenue, orders, shoppers, oversold, soldOutAtMs, objects } = summary;
  const { buyers, joined, refunds, closing, waitlist } = summary;
  const skus = objects.skus.map(({ level, calls, commits, commands, refusals, projection }) => ({
    sku: level.sku,
    calls,
    commits,
    commands,
    refusals,
    ...(projection ? { projection } : {}),
  }));
  return {
    saleId,
    sold,
    revenue,
    orders,
    shoppers,
    joined,
    buyers,
    conversion: joined ? Math.round((buyers / joined) * CONVERSION_PARTS) / CONVERSION_PARTS : null,
    refunds: { orders: refunds.orders, amount: { ...revenue, amount: refunds.amount } },
    peakPerMinute: closing?.peakPerMinute ?? null,
    waitMs: closing?.waitMs ?? null,
    waitSampledEvery: closing?.sampledEvery ?? null,
    purchaseMs: closing?.purchaseMs ?? null,
    oversold,
    ...(soldOutAtMs === null ? {} : { soldOutAt: formatTime(soldOutAtMs) }),
    waitlist,
    objects: {
      skus,
      ...(objects.intakes && { intakes: { calls: objects.intakes } }),
      ...queueCounts(objects.queue),
    },
  };
}

function queueCounts(queue: SaleSummary["objects"]["queue"]) {
  if (!queue) return {};
  const { line, calls, commits } = queue.sequencer;
  const { inside, insidePeak: peakInside, cursor, lastNumber } = line;
  return {
    sequencer: { calls, commits, inside, peakInside, cursor, lastNumber },
    lanes: { calls: queue.lanes },
  };
}
