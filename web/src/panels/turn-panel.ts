/** The shopper's turn: a limited time to buy, how many, and the button. */
import { h, setShown, setText } from "../dom.ts";
import { formatClock, formatMoney } from "../format.ts";
import { openRope } from "../rope.ts";
import { isAtItsLongest, isToBeAsked } from "../renewal.ts";
import {
  canJoinList,
  chosenItem,
  itemStatus,
  times,
  type SaleActions,
  type SaleModel,
} from "../sale-model.ts";
import { listOffer } from "./list-panels.ts";
import {
  lead,
  mainButton,
  panelHeading,
  quantitySelect,
  quietButton,
  setBusy,
  type Panel,
} from "./panel.ts";

/** Builds the panel of the turn; a paused sale keeps it up with the button off. */
export function turnPanel(model: SaleModel, actions: SaleActions): Panel<SaleModel> {
  const heading = panelHeading("Your turn");
  const clock = h("span", { class: "clock-figure", "data-testid": "turn-clock" });
  const left = h("p", { class: "clock", role: "timer" }, clock, " left to buy");
  const question = stayQuestion(actions);
  const explained = lead("");
  const name = h("span", { class: "summary-name" });
  const price = h("span", { class: "summary-total" });
  const quantity = quantitySelect(model.sale.limits.perShopper, "quantity");
  const quantityField = h("label", { class: "field" }, h("span", {}, "Quantity"), quantity);
  const buy = mainButton("buy", "", () => {
    if (buy.getAttribute("aria-disabled") !== "true") {
      actions.buy(Number(quantity.value));
    }
  });
  const leave = quietButton("leave", "Give my turn back", actions.leave);
  const list = listOffer(model.sale, actions);
  return {
    root: h(
      "div",
      { class: "panel-body panel-turn" },
      openRope(),
      heading,
      left,
      question.root,
      explained,
      h("p", { class: "summary" }, name, price),
      quantityField,
      list.root,
      h("div", { class: "actions" }, buy, leave),
    ),
    heading,
    update(now, nowMs) {
      const item = chosenItem(now);
      const paused = now.status?.state === "paused" || now.view?.paused === true;
      const isOut = item !== undefined && itemStatus(now, item.sku)?.available === 0;
      const expiresAt = now.pass?.expiresAt ?? null;
      setText(name, item?.name ?? "");
      setText(price, item === undefined ? "" : formatMoney(item.salePrice));
      setShown(left, expiresAt !== null);
      setText(clock, expiresAt === null ? "" : formatClock(Date.parse(expiresAt) - nowMs));
      setText(heading, paused ? "Your turn, once the sale resumes" : "Your turn");
      question.update(now, nowMs);
      setText(explained, explanation(paused, isOut));
      setShown(quantityField, quantity.length > 1 && !paused && !isOut);
      const label =
        item === undefined
          ? "Buy now"
          : `Buy now for ${formatMoney(times(item.salePrice, Number(quantity.value)))}`;
      setBusy(buy, now.errand === "buy", label, "Reserving it for you…");
      buy.disabled = (paused || isOut) && now.errand !== "buy";
      list.update(now);
      setShown(buy, !isOut || !canJoinList(now) || now.errand === "buy");
      setShown(leave, now.errand !== "buy");
    },
  };
}

const TURN_GOES_ON = "Your turn goes to the next shopper when the time is up.";

/** The question near the end of a turn, and what the shop said to the answer. */
function stayQuestion({ stay }: SaleActions): Pick<Panel<SaleModel>, "root" | "update"> {
  const ask = h("strong", {}, "Still there? ");
  const text = h("span", {});
  const button = h(
    "button",
    { class: "button button-quiet", type: "button", "data-testid": "stay", click: stay },
    "Yes, I need more time",
  );
  const root = h("div", { class: "question" }, h("p", {}, ask, text), button);
  return {
    root,
    update({ renewal }, nowMs) {
      const isAsked = isToBeAsked(renewal, nowMs);
      setShown(root, isAsked || isAtItsLongest(renewal));
      setText(text, isAsked ? TURN_GOES_ON : "This is as long as a turn lasts in this sale.");
      setShown(ask, isAsked);
      setShown(button, isAsked);
    },
  };
}

function explanation(paused: boolean, isOut: boolean): string {
  if (paused) {
    return "The shop has paused the sale. Buying opens again here as soon as it resumes.";
  }
  if (isOut) {
    return "Every unit is in another shopper’s hands right now. The waiting list goes on when your turn is over.";
  }
  return "Buying reserves it for you. You pay in the next step.";
}
