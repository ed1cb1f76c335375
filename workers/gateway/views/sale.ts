import type { z } from "@hono/zod-openapi";
import type { CataloguedSale } from "../../../domain/catalogue.ts";
import {
  saleState,
  type SaleItem,
  type SaleState,
  type StockLevel,
  sharedLimits,
} from "../../../domain/purchase/sale.ts";
import type { Board } from "../../../domain/queue/board.ts";
import { perMinute, saleStatus } from "../../../domain/queue/sale-status.ts";
import { initialControls, type PublicRandomness } from "../../../domain/queue/settings.ts";
import { missingValue } from "../../../domain/queue/shuffle.ts";
import { formatTime } from "../../../domain/time.ts";
import type { AdminSale, AdminSaleItem } from "../schemas/admin.ts";
import type {
  Sale,
  SaleItem as SaleItemSchema,
  SaleStatus,
  SaleTerms,
} from "../schemas/catalogue.ts";

/** The state of a sale: by its board, or while there is none by what the catalogue knows. */
export function stateOf(sale: CataloguedSale, board: Board | null, nowMs: number): SaleState {
  if (board) return board.state;
  return saleState(sale.control, sale.definition.queue.prequeueStartsAtMs, [], nowMs);
}

/** A sale as shoppers see it. */
export function saleView(
  sale: CataloguedSale,
  board: Board | null,
  nowMs: number,
): z.input<typeof Sale> {
  const {
    queueingMethod,
    sessionDurationSeconds,
    claimSeconds,
    prequeueStartsAtMs,
    shuffleAtStart,
    disableSessionRenewal,
    allowRejoin,
    publicRandomness,
  } = sale.definition.queue;
  return {
    ...terms(sale, board, nowMs),
    items: sale.definition.items.map((item) => itemView(item, levelOf(board, item.sku))),
    queue: {
      queueingMethod,
      prequeueStartsAt: timeOrNull(prequeueStartsAtMs),
      shuffleAtStart,
      sessionDurationSeconds,
      disableSessionRenewal: board?.controls.disableSessionRenewal ?? disableSessionRenewal,
      claimSeconds,
      allowRejoin,
      ...(publicRandomness ? { publicRandomness } : {}),
    },
  };
}

/** A sale as admins see it, with its counters. */
export function adminSaleView(
  sale: CataloguedSale,
  board: Board | null,
  nowMs: number,
): z.input<typeof AdminSale> {
  const { holdSeconds, queue } = sale.definition;
  const { prequeueStartsAtMs, publicRandomness, ...settings } = queue;
  return {
    ...terms(sale, board, nowMs),
    holdSeconds,
    items: sale.definition.items.map((item) => adminItemView(item, levelOf(board, item.sku))),
    queue: {
      ...settings,
      ...(board?.controls ?? initialControls(queue)),
      prequeueStartsAt: timeOrNull(prequeueStartsAtMs),
      ...(publicRandomness ? { publicRandomness: valueOf(publicRandomness, board) } : {}),
      nowServing: board?.cursor ?? null,
      lastNumber: board?.lastNumber ?? null,
      ratePerMinute: board && perMinute(board.invitedPerSecond),
    },
  };
}

/** The public value that a sale has named, and whether its draw waits for it now. */
function valueOf(
  named: PublicRandomness,
  board: Board | null,
): z.input<typeof AdminSale>["queue"]["publicRandomness"] {
  const { value = null } = board?.shuffle?.publicRandomness ?? {};
  return { ...named, value, isMissing: missingValue(board?.shuffle ?? null) !== null };
}

/** Made once a board, which is read thousands of times. */
const statuses = new WeakMap<Board, z.input<typeof SaleStatus>>();

/** What everyone may know about a sale right now. */
export function statusView(board: Board, nowMs: number): z.input<typeof SaleStatus> {
  let status = statuses.get(board);
  if (!status) {
    status = saleStatus(board, nowMs);
    statuses.set(board, status);
  }
  return { ...status, serverTime: formatTime(nowMs) };
}

function terms(
  sale: CataloguedSale,
  board: Board | null,
  nowMs: number,
): z.input<typeof SaleTerms> {
  const { saleId, name, allowGuests, perShopper } = sale.definition;
  const { startsAtMs, endsAtMs } = board ?? sale.control;
  return {
    saleId,
    name,
    state: stateOf(sale, board, nowMs),
    startsAt: formatTime(startsAtMs),
    endsAt: formatTime(endsAtMs),
    allowGuests,
    limits: { perShopper, ...sharedLimits(sale.definition) },
  };
}

function levelOf(board: Board | null, sku: string): StockLevel | undefined {
  return board?.levels.find((level) => level.sku === sku);
}

/** An item; a restock shows in its counters, not in its definition. */
function itemView(item: SaleItem, level: StockLevel | undefined): z.input<typeof SaleItemSchema> {
  const { sku, productId, name, salePrice, regularPrice } = item;
  return { sku, productId, name, salePrice, regularPrice, stock: level?.stock ?? item.stock };
}

function adminItemView(
  item: SaleItem,
  level: StockLevel | undefined,
): z.input<typeof AdminSaleItem> {
  const { available = null, held = null, sold = null } = level ?? {};
  return { ...itemView(item, level), intakes: item.intakes ?? 0, available, held, sold };
}

function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : formatTime(atMs);
}
