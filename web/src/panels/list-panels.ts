/** The waiting list of an article that is out: the way onto it, and the place on it. */
import type { Chime } from "../chime.ts";
import type { Sale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatNumber } from "../format.ts";
import { listText, waitersText } from "../list-text.ts";
import { canJoinList, itemStatus, type SaleActions, type SaleModel } from "../sale-model.ts";
import { inLine } from "./in-line.ts";
import {
  lead,
  mainButton,
  panelHeading,
  quantitySelect,
  quietButton,
  setBusy,
  type Panel,
} from "./panel.ts";

const JOIN = "Tell me when one comes back";

/** A part of other panels: offers the waiting list where there is one, and is hidden where there is none. */
export function listOffer(
  sale: Sale,
  actions: SaleActions,
  isMain = false,
): { readonly root: HTMLElement; readonly update: (model: SaleModel) => void } {
  const missed = h("p", { class: "callout callout-warn" });
  const explained = h("p", {});
  const waiters = h("p", { class: "fine" });
  const quantity = quantitySelect(sale.limits.perShopper, "list-quantity");
  const field = h("label", { class: "field" }, h("span", {}, "How many"), quantity);
  const join = (isMain ? mainButton : quietButton)("list-join", JOIN, () => {
    if (join.getAttribute("aria-disabled") !== "true") {
      actions.joinList(Number(quantity.value));
    }
  });
  const root = h(
    "div",
    { class: "list-offer" },
    h("h3", {}, "Waiting list"),
    missed,
    explained,
    waiters,
    h("div", { class: "list-join" }, field, join),
  );
  return {
    root,
    update(model) {
      const { list, errand } = model;
      setShown(root, canJoinList(model));
      const elsewhere = list?.view?.state === "waiting" && list.sku !== model.sku;
      setText(missed, missedText(model));
      setShown(missed, missed.textContent !== "");
      setText(explained, elsewhere ? ELSEWHERE : explanation(model));
      const waiting = waitersText(itemStatus(model, model.sku)?.waiting);
      setText(waiters, waiting ?? "");
      setShown(waiters, waiting !== null && !elsewhere);
      setShown(field, quantity.length > 1 && !elsewhere);
      setShown(join, !elsewhere);
      setBusy(join, errand === "list", JOIN, "Putting you on the list…");
    },
  };
}

const ELSEWHERE =
  "You already wait for another article of this sale. Leave its list to wait for this one.";

function explanation({ hasTicket }: SaleModel): string {
  const kept = hasTicket ? " Your place in line stays as it is." : "";
  return `What comes back is offered to the list first, in the order of the numbers in line.${kept}`;
}

function missedText({ list, sku, order }: SaleModel): string {
  const hasLapsed = list?.sku === sku && list.view?.state === "lapsed" && list.orderId !== null;
  return hasLapsed && order === null
    ? "One was offered to you and not taken, so it went to the next. You can join again, behind those who have had no offer yet."
    : "";
}

/** The place on the waiting list. */
export function waitlistPanel(actions: SaleActions, chime: Chime): Panel<SaleModel> {
  const heading = panelHeading("");
  const position = h("span", { class: "place-figure", "data-testid": "list-position" });
  const label = h("span", { class: "place-label" }, "your place on the waiting list");
  const all = h("span", { class: "place-estimate" });
  const paused = h(
    "p",
    { class: "callout" },
    "The shop has paused the sale. Your place stays as it is; offers go on when the sale resumes.",
  );
  const next = lead(
    "When one comes back for you, it is reserved at once, and you have a short time to pay. This page tells you.",
  );
  const place = h("p", { class: "fine" });
  const row = inLine(actions, chime, "list");
  return {
    root: h(
      "div",
      { class: "panel-body panel-ticket" },
      heading,
      h("p", { class: "place" }, position, label, all),
      paused,
      next,
      h("div", { class: "stub" }, place, row.root),
    ),
    heading,
    update(model) {
      const item = itemStatus(model, model.sku);
      const text = listText(model.list?.view?.position ?? 1, item?.waiting);
      setText(heading, text.heading);
      setText(position, text.position);
      position.style.setProperty("--characters", String(text.position.length));
      setText(all, text.all ?? "");
      setShown(paused, model.status?.state === "paused");
      setText(place, placeText(model));
      row.update(model);
    },
  };
}

/** By what the list goes, and what becomes of the place in line meanwhile. */
function placeText({ view, list }: SaleModel): string {
  const quantity = list?.view?.quantity ?? 1;
  const wanted = quantity > 1 ? `You wait for ${formatNumber(quantity)} at once. ` : "";
  return `${wanted}The list goes by the numbers in line: whoever joins with a lower one comes before you. ${lineText(view)}Your place is kept in this browser.`;
}

function lineText(view: SaleModel["view"]): string {
  if (view?.number == null) {
    return "";
  }
  return view.state === "admitted"
    ? "Your turn in line goes on meanwhile; the list does not need it. "
    : `Your place in line, number ${formatNumber(view.number)}, stays as it is. `;
}
