/** What needs a person, newest first: orders whose payments do, and what was found otherwise, with what can be done about each. */
import type { AdminOrder } from "../contract.ts";
import { focusOn, h, setShown, setText } from "../dom.ts";
import { formatMoment, formatMoney } from "../format.ts";
import { startPoller } from "../poller.ts";
import type { AdminApi } from "./admin-api.ts";
import { askForReason } from "./ask-reason.ts";
import { attentionItems, resolveMeans } from "./attention-items.ts";
import {
  attentionReason,
  countText,
  resolveQuestion,
  resolveText,
  retryText,
  settledText,
} from "./attention-text.ts";
import type { AttentionItem } from "./books-contract.ts";
import { actionProblem, methodWords, paymentWords, statusWords } from "./payment-text.ts";
import { keyedRows, type Row } from "./rows.ts";
import type { ToldOrders } from "./told-orders.ts";

const REFRESH_MS = 5_000;

/** What the list needs of the console. */
export interface AttentionOptions {
  readonly api: AdminApi;
  readonly told: ToldOrders;
  readonly nameOf: (saleId: string) => string;
  /** Hears an order as a command has left it. */
  readonly acted: (order: AdminOrder) => void;
  readonly onFailures: (failures: number, error: unknown) => void;
}

/** The list; `draw` shows again what is known, `refresh` also asks. */
export interface AttentionList {
  readonly root: HTMLElement;
  readonly draw: () => void;
  readonly refresh: () => void;
}

/** Builds the list, which refreshes itself. */
export function createAttentionList(options: AttentionOptions): AttentionList {
  const { api, told, nameOf, acted, onFailures } = options;
  const heading = h("h2", { id: "attention-heading" }, "Needs a person");
  const count = h("p", { class: "fine", role: "status", "data-testid": "attention-count" });
  const outcome = h("p", { class: "outcome", role: "status" });
  const host = h("ul", { class: "attention-list" });
  const itemHost = h("ul", { class: "attention-list" });
  let listed: readonly AdminOrder[] | null = null;
  let found: readonly AttentionItem[] = [];
  let isMore = false;

  const finish = (order: AdminOrder, command: "retry" | "resolve"): void => {
    outcome.classList.remove("is-error");
    setText(outcome, settledText(order, command));
    acted(order);
    // The buttons that had the focus have left the page.
    focusOn(heading);
  };
  const retry = async ({ orderId }: AdminOrder): Promise<void> => {
    outcome.classList.remove("is-error");
    setText(outcome, "Working…");
    try {
      finish(await api.retry(orderId), "retry");
    } catch (error) {
      setText(outcome, actionProblem(error));
      outcome.classList.add("is-error");
      poller.wake();
    }
  };
  const resolve = async (order: AdminOrder): Promise<void> => {
    const after = await askForReason({
      title: "Resolve this order?",
      text: resolveQuestion(order),
      label: "How it was put right",
      yes: "Resolve it",
      work: (note) => api.resolve(order.orderId, note),
    });
    if (after === null) {
      poller.wake();
    } else {
      finish(after, "resolve");
    }
  };
  const say = (text: string): void => {
    outcome.classList.remove("is-error");
    setText(outcome, text);
    poller.wake();
    focusOn(heading);
  };
  const retryItem = async ({ itemId }: AttentionItem): Promise<void> => {
    setText(outcome, "Working…");
    try {
      await api.retryItem(itemId);
      say("Done. Resolve it once it is put right.");
    } catch (error) {
      say(actionProblem(error));
      outcome.classList.add("is-error");
    }
  };
  const resolveItem = async (item: AttentionItem): Promise<void> => {
    const after = await askForReason({
      title: "Resolve this finding?",
      text: `${item.detail} ${resolveMeans(item)}`,
      label: "How it was put right",
      yes: "Resolve it",
      work: (note) => api.resolveItem(item.itemId, note),
    });
    if (after !== null) {
      found = found.filter(({ itemId }) => itemId !== item.itemId);
      draw();
      say("Resolved. Your note is in the shop's history.");
    }
  };
  const showItems = attentionItems(itemHost, {
    nameOf,
    retry: (item) => void retryItem(item),
    resolve: (item) => void resolveItem(item),
  });
  const show = keyedRows(
    host,
    ({ orderId }: AdminOrder) => orderId,
    () =>
      attentionRow(
        nameOf,
        (order) => void retry(order),
        (order) => void resolve(order),
      ),
  );
  const draw = (): void => {
    if (listed === null) {
      return;
    }
    const open = told.freshen(listed).filter(({ attention }) => attention !== undefined);
    show(open);
    showItems(found);
    setText(count, countText(open.length, found.length, isMore));
    setShown(host, open.length > 0);
    setShown(itemHost, found.length > 0);
  };
  const poller = startPoller({
    ask: async () => {
      const page = await api.attention();
      listed = page.orders;
      found = page.items ?? [];
      isMore = page.cursor !== undefined;
      draw();
      return REFRESH_MS;
    },
    onFailures,
  });
  const refresh = h(
    "button",
    {
      class: "button button-quiet",
      type: "button",
      click: () => {
        setText(count, "Looking…");
        poller.wake();
      },
    },
    "Refresh",
  );
  return {
    root: h(
      "section",
      { class: "admin-card", "aria-labelledby": "attention-heading" },
      heading,
      h("div", { class: "attention-head" }, h("div", {}, count, outcome), refresh),
      host,
      itemHost,
    ),
    draw,
    refresh: () => {
      draw();
      poller.wake();
    },
  };
}

function attentionRow(
  nameOf: (saleId: string) => string,
  retry: (order: AdminOrder) => void,
  resolve: (order: AdminOrder) => void,
): Row<AdminOrder> {
  let order: AdminOrder | null = null;
  const act = (command: (order: AdminOrder) => void) => () => order !== null && command(order);
  const title = h("h3");
  const status = h("span");
  const facts = h("p", { class: "fine" });
  const id = h("p", { class: "code" });
  const reason = h("p");
  const retryWay = wayOf("Retry", act(retry));
  const resolveWay = wayOf("Resolve", act(resolve));
  return {
    root: h(
      "li",
      { class: "attention-item" },
      h("div", { class: "detail-head" }, title, status),
      reason,
      facts,
      id,
      retryWay.root,
      resolveWay.root,
    ),
    update(now) {
      order = now;
      const name = `${formatMoney(now.total)}, ${nameOf(now.saleId)}`;
      setText(title, name);
      setText(status, statusWords(now.status));
      status.className = `badge badge-${now.status.toLowerCase()}`;
      setText(reason, attentionReason(now));
      setText(facts, factsText(now));
      setText(id, now.orderId);
      retryWay.update(now, retryText(now));
      resolveWay.update(now, resolveText(now));
    },
  };
}

/** A button, and what it does. */
function wayOf(label: string, click: () => void) {
  const button = h("button", { class: "button button-quiet", type: "button", click }, label);
  const means = h("p", { class: "fine" });
  const root = h("div", { class: "attention-way" }, button, means);
  return {
    root,
    update({ orderId }: AdminOrder, text: string | null): void {
      setShown(root, text !== null);
      setText(means, text ?? "");
      // By their labels alone the buttons of two orders are alike.
      button.setAttribute("aria-label", `${label} order ${orderId}`);
      means.id = `${label}-${orderId}`;
      button.setAttribute("aria-describedby", means.id);
    },
  };
}

function factsText(order: AdminOrder): string {
  const { quantity, sku, createdAt } = order;
  const payment = `${methodWords(order)}, ${paymentWords(order).toLowerCase()}`;
  return `${quantity} × ${sku}. ${payment}. Placed ${formatMoment(createdAt)}.`;
}
