/** What a shopper holds: the receipt, whose it is, and the heads that this browser was shown; kept here or in a file. */
import type { Receipt } from "../../../domain/log/receipt.ts";
import { isReceipt, keptReceipt } from "../kept-receipt.ts";
import { isObject, isText, load, save } from "../storage.ts";
import { textOfBase64url } from "./bytes.ts";

/** A file longer than this is no receipt. */
export const FILE_MAX_BYTES = 65_536;
/** Heads kept of a sale: each contains those before it, so the last one would do but for a fork. */
export const HEADS_MAX = 16;
const FORMAT = "ropeline-receipt/1";

/** A receipt with all that is needed to check it. No secret: it gives nobody the place. */
export interface HeldReceipt {
  readonly saleId: string;
  /** The ticket's binding: its hash is in the entry. */
  readonly binding: string;
  /** The ticket's place, where it says one: a number, or the how-manieth who joined before a draw. */
  readonly number: number | null;
  readonly index: number | null;
  readonly receipt: Receipt;
  /** Signed checkpoints that were shown before, oldest first. */
  readonly heads: readonly string[];
}

/** What this browser holds of a sale; null where it has no receipt. */
export function heldReceipt(saleId: string): HeldReceipt | null {
  const kept = keptReceipt(saleId);
  const ticket = kept && readTicket(kept.ticket);
  return ticket && { saleId, ...ticket, receipt: kept.receipt, heads: shownHeads(saleId) };
}

/** What a ticket says openly: `v1.<kid>.<payload>.<MAC>`, of which only the shop can check the last part. */
function readTicket(ticket: string): Pick<HeldReceipt, "binding" | "number" | "index"> | null {
  try {
    const payload: unknown = JSON.parse(textOfBase64url(ticket.split(".")[2] ?? "") ?? "null");
    const [, , number, , binding, index] = Array.isArray(payload) ? (payload as unknown[]) : [];
    return isText(binding) ? { binding, number: placeOf(number), index: placeOf(index) } : null;
  } catch {
    return null;
  }
}

const placeOf = (value: unknown): number | null => (Number.isInteger(value) ? Number(value) : null);

const isHeads = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

const headsName = (saleId: string): string => `heads.${saleId}`;

/** The signed checkpoints of a sale that this browser has kept, oldest first. */
export function shownHeads(saleId: string): readonly string[] {
  return load(headsName(saleId), isHeads) ?? [];
}

/** Keeps checkpoints that were shown; of too many the oldest are dropped. */
export function keepHeads(saleId: string, heads: readonly string[]): void {
  save(headsName(saleId), heads.slice(-HEADS_MAX));
}

/** The text of a file with a receipt. */
export function receiptFile(held: HeldReceipt): string {
  return `${JSON.stringify({ format: FORMAT, ...held }, null, 2)}\n`;
}

/** Reads a receipt's file; null for any other text. */
export function readReceiptFile(text: string): HeldReceipt | null {
  try {
    const file: unknown = JSON.parse(text);
    if (!isObject(file) || file["format"] !== FORMAT) {
      return null;
    }
    const { saleId, binding, number, index, receipt, heads } = file;
    return isText(saleId) && isText(binding) && isReceipt(receipt) && isHeads(heads)
      ? {
          saleId,
          binding,
          number: placeOf(number),
          index: placeOf(index),
          receipt: { leaf: receipt.leaf, index: receipt.index, checkpoint: receipt.checkpoint },
          heads: heads.slice(-HEADS_MAX),
        }
      : null;
  } catch {
    return null;
  }
}
