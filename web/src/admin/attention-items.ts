/** What needs a person and is no order's payment, with what can be done about each. */
import { h, setText } from "../dom.ts";
import type { AttentionItem } from "./books-contract.ts";
import { itemSeenText, itemTitle } from "./books-text.ts";
import { keyedRows, type Row } from "./rows.ts";

/** What a retry does, by kind; of the others nothing can be tried again. */
const RETRIES: Readonly<Record<string, string>> = {
  difference: "Compares the books of the article again. Should it still differ, it stays here.",
  message_dead: "Sends its messages again, with all their tries before them.",
};
const RESOLVE = "Says that you have put it right.";
const RESOLVE_FOUND_AGAIN = `${RESOLVE} Should it be found again, it comes back to this list.`;

/** What a person's word does to an item: what is looked for again comes back, what is told once does not. */
export function resolveMeans({ kind }: Pick<AttentionItem, "kind">): string {
  return kind in RETRIES ? RESOLVE_FOUND_AGAIN : RESOLVE;
}

/** What the rows need of the list. */
export interface ItemActions {
  readonly nameOf: (saleId: string) => string;
  readonly retry: (item: AttentionItem) => void;
  readonly resolve: (item: AttentionItem) => void;
}

/** Shows items in a host. */
export function attentionItems(
  host: HTMLElement,
  actions: ItemActions,
): (items: readonly AttentionItem[]) => void {
  return keyedRows(
    host,
    ({ itemId }: AttentionItem) => itemId,
    (item) => itemRow(item, actions),
  );
}

function itemRow(
  first: AttentionItem,
  { nameOf, retry, resolve }: ItemActions,
): Row<AttentionItem> {
  let item = first;
  const { saleId = null } = first;
  const saleName = saleId === null ? null : nameOf(saleId);
  const detail = h("p", { class: "wraps" });
  const seen = h("p", { class: "fine" });
  const means = RETRIES[first.kind];
  return {
    root: h(
      "li",
      { class: "attention-item" },
      h("h3", {}, itemTitle(first, saleName)),
      detail,
      seen,
      means !== undefined && way("Retry", first, means, () => retry(item)),
      way("Resolve", first, resolveMeans(first), () => resolve(item)),
    ),
    update(now) {
      item = now;
      setText(detail, now.detail);
      setText(seen, itemSeenText(now));
    },
  };
}

function way(label: string, { itemId }: AttentionItem, means: string, click: () => void) {
  const id = `${label}-${itemId}`;
  const attributes = {
    class: "button button-quiet",
    type: "button",
    "aria-label": `${label}: ${itemId}`,
    "aria-describedby": id,
    click,
  };
  return h(
    "div",
    { class: "attention-way" },
    h("button", attributes, label),
    h("p", { class: "fine", id }, means),
  );
}
