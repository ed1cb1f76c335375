import type { Money } from "../money.ts";
import type { QueueSettings } from "../queue/settings.ts";

/** One item of a sale as the admin defined it. `stock` is the stock at creation. */
export interface SaleItem {
  sku: string;
  productId: string;
  name: string;
  salePrice: Money;
  regularPrice: Money;
  stock: number;
  /** Objects that bring purchases together to the item's own; left out where shoppers call that one. */
  intakes?: number | undefined;
}

/** Units of one item for all who share something; left out: no limit. */
export interface SharedLimits {
  /** One network. */
  perAddress?: number;
  /** One payment card, whichever shopper pays with it. */
  perCard?: number;
  /** One address that it is sent to. */
  perPostalAddress?: number;
}

/** The shared limits that are set. */
export function sharedLimits(from: {
  [Limit in keyof SharedLimits]?: SharedLimits[Limit] | undefined;
}): SharedLimits {
  const { perAddress, perCard, perPostalAddress } = from;
  return {
    ...(perAddress === undefined ? {} : { perAddress }),
    ...(perCard === undefined ? {} : { perCard }),
    ...(perPostalAddress === undefined ? {} : { perPostalAddress }),
  };
}

/** What an admin defines. Fixed for the life of the sale, except for the times (see `SaleControl`). */
export interface SaleDefinition extends SharedLimits {
  saleId: string;
  name: string;
  allowGuests: boolean;
  perShopper: number;
  holdSeconds: number;
  items: SaleItem[];
  queue: QueueSettings;
}

/** What admins and the clock change. The sequencer owns it; the highest `version` wins elsewhere. */
export interface SaleControl {
  mode: "draft" | "open" | "paused" | "ended";
  startsAtMs: number;
  endsAtMs: number;
  version: number;
  /** Numbers whose place or pass was taken back; left out while there is none. */
  revoked?: readonly number[];
}

export type SaleState =
  | "draft"
  | "scheduled"
  | "prequeue"
  | "active"
  | "paused"
  | "sold_out"
  | "ended";

/** Units of one item. `stock = available + held + sold`, always. */
export interface StockLevel {
  sku: string;
  stock: number;
  available: number;
  held: number;
  sold: number;
}

/** An item as everyone may know it: its counters, and its waiting list. */
export interface ListedLevel extends StockLevel {
  /** How many wait for it; left out by items of an older version. */
  waiting?: number;
  /** Numbers that it is offered to now and that are not paying yet, newest first; not all of very many. */
  offered?: readonly number[];
}

/** A sale ends this long before it is said to be "ending soon". */
export const ENDING_SOON_MS = 5 * 60_000;

/** Units that can be bought now, over all items. */
export function availableUnits(levels: readonly StockLevel[]): number {
  let units = 0;
  for (const { available } of levels) units += available;
  return units;
}

/** Nothing available and nothing held: only an admin can bring units back. */
export function isSoldOut(levels: readonly StockLevel[]): boolean {
  return levels.length > 0 && levels.every((level) => level.available === 0 && level.held === 0);
}

/** Nothing available, but a hold may still come back. */
export function isAllHeld(levels: readonly StockLevel[]): boolean {
  return (
    levels.length > 0 &&
    levels.every((level) => level.available === 0) &&
    levels.some((level) => level.held > 0)
  );
}

/** The state of a sale now. Judged on every event, so that no alarm has to come in time. */
export function saleState(
  control: SaleControl,
  prequeueStartsAtMs: number | null,
  levels: readonly StockLevel[],
  nowMs: number,
): SaleState {
  if (control.mode === "draft") return "draft";
  if (control.mode === "ended" || nowMs >= control.endsAtMs) return "ended";
  if (nowMs < control.startsAtMs)
    return prequeueStartsAtMs !== null && nowMs >= prequeueStartsAtMs ? "prequeue" : "scheduled";
  if (control.mode === "paused") return "paused";
  return isSoldOut(levels) ? "sold_out" : "active";
}

/** Whether the end is near enough to say so. */
export function isEndingSoon(control: SaleControl, nowMs: number): boolean {
  return (
    nowMs >= control.startsAtMs &&
    nowMs < control.endsAtMs &&
    control.endsAtMs - nowMs <= ENDING_SOON_MS
  );
}

/** What an admin may ask of a sale's control. */
export type SaleCommand = "start" | "pause" | "resume" | "end";

/**
 * Applies an admin's command. A command that is already in effect gives the same control back, so
 * that a repeat changes nothing; `null` when the sale's state does not allow it.
 */
export function applySaleCommand(
  control: SaleControl,
  command: SaleCommand,
  nowMs: number,
): SaleControl | null {
  const next = { ...control, version: control.version + 1 };
  if (control.mode === "ended" || nowMs >= control.endsAtMs) {
    if (command !== "end") return null;
    // A draft whose time has passed is still a draft.
    return control.mode === "draft" ? { ...next, mode: "ended" } : control;
  }
  switch (command) {
    case "start":
      if (control.mode === "paused") return null;
      if (control.mode === "open" && nowMs >= control.startsAtMs) return control;
      return { ...next, mode: "open", startsAtMs: Math.min(control.startsAtMs, nowMs) };
    case "pause":
      if (control.mode === "draft") return null;
      return control.mode === "paused" ? control : { ...next, mode: "paused" };
    case "resume":
      if (control.mode === "draft") return null;
      return control.mode === "open" ? control : { ...next, mode: "open" };
    case "end":
      return { ...next, mode: "ended", endsAtMs: Math.min(control.endsAtMs, nowMs) };
  }
}
