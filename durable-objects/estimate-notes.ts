import { placeOf, type Board } from "../domain/queue/board.ts";
import type { SaleLog } from "./sale-log.ts";

/** Of those who get a number every so-manieth is noted, … */
const NOTED_EVERY = 32;
/** … and at most so many of one commit. */
const NOTED_MAX = 16;

/**
 * Notes in the log what a sample of those who have just got a number is shown of their wait, so that it can
 * be held against what comes. Where places are drawn nobody is shown anything yet.
 */
export function noteEstimates(
  numbers: readonly number[],
  readBoard: () => Board | null,
  log: Pick<SaleLog, "note">,
): void {
  const sample = numbers.filter((number) => number % NOTED_EVERY === 0).slice(0, NOTED_MAX);
  const board = sample.length === 0 ? null : readBoard();
  if (!board || board.shuffle) return;
  const { saleId, asOfMs } = board;
  for (const number of sample) {
    const ticket = { saleId, lane: 0, number, arrivedAtMs: asOfMs, binding: "" };
    const { estimate } = placeOf(ticket, board, asOfMs).view;
    if (estimate) log.note({ kind: "estimated", number, ...estimate });
  }
}
