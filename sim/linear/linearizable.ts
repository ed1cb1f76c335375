import { checkHistory, type Verdict } from "./check.ts";
import type { Call } from "./history.ts";
import { sortCalls } from "./item.ts";
import { orderModel } from "./order-model.ts";
import { StockModel, type ItemTerms } from "./stock-model.ts";

/** How much was checked. */
export interface LinearCounts {
  /** Calls of items, with their answers or without. */
  calls: number;
  /** Histories that were checked: one an order, and one an item. */
  histories: number;
  /** Histories of which nobody knows: the search was given up. */
  givenUp: number;
}

/** What came of checking one item. */
export interface ItemVerdict extends LinearCounts {
  /** What cannot be, in words. */
  faults: readonly string[];
}

/**
 * Holds the calls of an item against what it promises, each order alone and all units together.
 *
 * @param hasSteadyClock whether the clock of the item's object never jumps.
 */
export function checkItem(
  calls: readonly Call[],
  terms: ItemTerms,
  hasSteadyClock: boolean,
): ItemVerdict {
  const { orders, ofOrder, ofStock } = sortCalls(calls, hasSteadyClock);
  const faults: string[] = [];
  let givenUp = 0;
  const judge = (of: string, { kind, stuck }: Verdict<unknown>): void => {
    if (kind === "gave_up") givenUp += 1;
    if (kind === "broken") faults.push(`${of}: nothing explains ${JSON.stringify(stuck?.what)}`);
  };
  const told = orders.flatMap((order, at) => {
    const history = ofOrder[at] ?? [];
    return history.length === 0 ? [] : [{ order, history }];
  });
  for (const { order, history } of told)
    judge(order.orderId, checkHistory(history, orderModel(order)));
  judge("units", checkHistory(ofStock, new StockModel(terms, orders)));
  return { calls: calls.length, histories: told.length + 1, givenUp, faults };
}
