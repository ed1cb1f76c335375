import { factIn } from "../books/chain.ts";
import type { LedgerEvent, LedgerPage } from "./ledger.ts";

/*
 * A page of a ledger as one text: what it is of in the first line, and in one line each the events as they are stored
 * and hashed. JSON has no line end in it but as an escape.
 */

/** A page with its events' texts. */
export interface PageText {
  saleId: string;
  sku: string;
  fromSequence: number;
  texts: readonly string[];
  hashes: readonly string[];
}

/** The same as one text. */
export function encodePage({ saleId, sku, fromSequence, texts, hashes }: PageText): string {
  return [JSON.stringify({ saleId, sku, fromSequence, hashes }), ...texts].join("\n");
}

/** The page of such a text, whose events nobody has looked at yet; what is no page's head is nobody's, either. */
export function decodePage(text: string): LedgerPage {
  const [head = "", ...texts] = text.split("\n");
  const events = texts.map((line) => factIn(line) as LedgerEvent);
  return { ...(factIn(head) as LedgerPage), events, texts };
}
