/** The receipt of a join, as this browser keeps it; the one thing that the waiting view does about proofs. */
import type { Receipt } from "../../domain/log/receipt.ts";
import { isObject, isText, load, save } from "./storage.ts";

/** A receipt, and the ticket that came with it: it says whose it is. */
export interface KeptReceipt {
  readonly ticket: string;
  readonly receipt: Receipt;
}

// Not among the sale's other records: those wake the sale's pages when they change.
const nameOf = (saleId: string): string => `receipt.${saleId}`;

/** Whether a value is a receipt. */
export function isReceipt(value: unknown): value is Receipt {
  return (
    isObject(value) &&
    isText(value["leaf"]) &&
    isText(value["checkpoint"]) &&
    Number.isSafeInteger(value["index"]) &&
    Number(value["index"]) >= 0
  );
}

function isKept(value: unknown): value is KeptReceipt {
  return isObject(value) && isText(value["ticket"]) && isReceipt(value["receipt"]);
}

/** Keeps the receipt of the place in a sale's line, over the one of a place before it. */
export function keepReceipt(saleId: string, kept: KeptReceipt): void {
  save(nameOf(saleId), kept);
}

/** The receipt that this browser keeps for a sale. */
export function keptReceipt(saleId: string): KeptReceipt | null {
  return load(nameOf(saleId), isKept);
}
