/** Orders whose payments need a person, newest first, with what can be done about each. */
import type { AdminOrder } from "../contract.ts";
import { focusOn, h, setShown, setText } from "../dom.ts";
import { formatMoment, formatMoney } from "../format.ts";
import { startPoller } from "../poller.ts";
import type { AdminApi } from "./admin-api.ts";
import { askForReason } from "./ask-reason.ts";
import {
  attentionReason,
  countText,
  resolveText,
  retryText,
  settledText,
} from "./attention-text.ts";
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
  let listed: readonly AdminOrder[] | null = null;
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
      text: `${attentionReason(order)} To resolve it ${resolveText(order)} This cannot be taken back.`,
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
    setText(count, countText(open.length, isMore));
    setShown(host, open.length > 0);
  };
  const poller = startPoller({
    ask: async () => {
      const page = await api.attention();
      listed = page.orders;
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
      h("div", { class: "detail-head" }, heading, refresh),
      count,
      host,
      outcome,
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
  const retryMeans = h("p", { class: "fine" });
  const resolveMeans = h("p", { class: "fine" });
  const retryButton = h(
    "button",
    { class: "button button-quiet", type: "button", click: act(retry) },
    "Retry",
  );
  const resolveButton = h(
    "button",
    { class: "button button-quiet", type: "button", click: act(resolve) },
    "Resolve",
  );
  return {
    root: h(
      "li",
      { class: "attention-item" },
      h("div", { class: "detail-head" }, title, status),
      reason,
      facts,
      id,
      h("div", { class: "attention-way" }, retryButton, retryMeans),
      h("div", { class: "attention-way" }, resolveButton, resolveMeans),
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
      const retries = retryText(now);
      setShown(retryButton, retries !== null);
      setText(retryMeans, retries === null ? "There is nothing to retry." : `Retry ${retries}`);
      setText(resolveMeans, `Resolve ${resolveText(now)}`);
      // By the name alone the buttons of two orders are alike.
      retryButton.setAttribute("aria-label", `Retry order ${now.orderId}`);
      resolveButton.setAttribute("aria-label", `Resolve order ${now.orderId}`);
    },
  };
}

function factsText(order: AdminOrder): string {
  const { quantity, sku, createdAt } = order;
  const payment = `${methodWords(order)}, ${paymentWords(order).toLowerCase()}`;
  return `${quantity} × ${sku}. ${payment}. Placed ${formatMoment(createdAt)}.`;
}
