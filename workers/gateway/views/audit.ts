import type { z } from "@hono/zod-openapi";
import type { ChainPage, ChainRow } from "../../../domain/books/chain.ts";
import type { TrailEntry } from "../../../domain/books/trail.ts";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { formatTime } from "../../../domain/time.ts";
import type { HistoryPage } from "../schemas/audit.ts";

type Row = z.input<typeof HistoryPage>["rows"][number];

/** A page of a chain, read. */
export function historyView({ head, rows }: ChainPage): z.input<typeof HistoryPage> {
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => historyRow(head.chain, row)),
    ...(last ? { cursor: String(last.sequence) } : {}),
  };
}

/** A row says the same of who, when and from where in every chain; what was done differs. */
function historyRow(chain: string, row: ChainRow): Row {
  const { sequence, hash } = row;
  const fact = JSON.parse(row.text) as Partial<LedgerEvent> & Partial<TrailEntry>;
  const { atMs = 0, type = "", actor, reason, address, device, traceparent } = fact;
  return {
    chain,
    sequence,
    at: formatTime(atMs),
    type,
    ...(actor === undefined ? {} : { actor }),
    ...(reason == null ? {} : { reason }),
    action: fact.detail ?? itemAction(fact),
    ...(address === undefined ? {} : { address }),
    ...(device === undefined ? {} : { device }),
    ...(traceparent === undefined ? {} : { traceparent }),
    hash,
  };
}

/** What an item's event tells beside who and when: of an order its name, of the counters all. */
function itemAction(fact: Partial<LedgerEvent>): Record<string, unknown> {
  const { order, level, quantity, refusals, number } = fact;
  const { stock, available, held, sold } = level ?? {};
  const named = order ? { orderId: order.orderId } : {};
  return { ...named, quantity, refusals, number, stock, available, held, sold };
}
