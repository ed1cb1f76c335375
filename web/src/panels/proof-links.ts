/** The ways to what proves a place and the line: checked elsewhere, so that nothing of it weighs on who waits. */
import { h } from "../dom.ts";
import { keptReceipt } from "../kept-receipt.ts";
import { fairnessLink, receiptLink } from "../links.ts";

/** Builds the links; to the receipt only where this browser has one. */
export function proofLinks(saleId: string, isOver = false): HTMLElement {
  const hasReceipt = keptReceipt(saleId) !== null;
  return h(
    "p",
    { class: "proof-links" },
    hasReceipt
      ? h("a", { href: receiptLink(saleId), "data-testid": "receipt" }, "Check your place")
      : "",
    h(
      "a",
      { href: fairnessLink(saleId), "data-testid": "fairness" },
      isOver ? "How was the line kept?" : "How the line is kept",
    ),
  );
}
