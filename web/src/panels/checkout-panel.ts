/** The hold: what is reserved, for how long, and the ways to pay for it; also after a decline, and for an offer. */
import type { Payment } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatClock, formatMoney } from "../format.ts";
import { holdText, isMoneyMoving } from "../order-text.ts";
import { addressFields } from "./address-fields.ts";
import { orderSummary, type OrderActions, type OrderModel } from "./order-parts.ts";
import { lead, panelHeading, quietButton, setBusy, type Panel } from "./panel.ts";

/** Why a hold is there: bought, bought and a payment declined, or offered from the waiting list. */
export type HoldKind = "reserved" | "declined" | "offered";

const HEADINGS: Readonly<Record<HoldKind, string>> = {
  reserved: "Reserved for you",
  declined: "Payment declined",
  offered: "One came back for you",
};

/** The cards of the payment sandbox, called after what they do. */
const TEST_CARDS = [
  ["tok_ok", "Card that works"],
  ["tok_action", "Card with bank approval"],
  ["tok_decline", "Card that is declined"],
  ["tok_insufficient_funds", "Card with no money left"],
  ["tok_timeout", "Card with a slow bank"],
] as const;

/** What stands for cash among the tokens of the cards. */
const CASH = "cod";

/** Builds the panel of a hold. */
export function checkoutPanel(kind: HoldKind, actions: OrderActions): Panel<OrderModel> {
  const heading = panelHeading(HEADINGS[kind]);
  const clock = h("span", { class: "clock-figure", "data-testid": "hold-clock" });
  const left = h("p", { class: "clock", role: "timer" }, clock, " left to pay");
  const explained = lead("");
  const summary = orderSummary();
  const form = paymentForm(kind, actions);
  return {
    root: h(
      "div",
      { class: `panel-body panel-hold panel-${kind}` },
      h("div", { class: "hold-head" }, heading, left, explained),
      summary.root,
      form.root,
    ),
    heading,
    update(now, nowMs) {
      const leftMs = Date.parse(now.order.expiresAt ?? "") - nowMs;
      setShown(left, !Number.isNaN(leftMs));
      setText(clock, formatClock(leftMs));
      setText(explained, explanation(kind, now, leftMs <= 0));
      summary.update(now);
      form.update(now, nowMs);
    },
  };
}

function explanation(kind: HoldKind, { order }: OrderModel, isOver: boolean): string {
  return kind === "offered" && !isOver
    ? "You were next on the waiting list: it is reserved for you. When the time is up, it goes to the next."
    : holdText(order, isOver);
}

function paymentForm(
  kind: HoldKind,
  actions: OrderActions,
): Pick<Panel<OrderModel>, "root" | "update"> {
  const choices = paymentChoice();
  const address = addressFields();
  const trouble = h("p", { class: "callout callout-warn", role: "status" });
  // The clock may be out of sight on a phone; readers have it.
  const left = h("p", { class: "pay-left", "aria-hidden": "true" });
  const pay = h("button", { class: "button button-main", type: "submit", "data-testid": "pay" });
  const giveUp = kind === "offered" ? "Let it go" : "Cancel the order";
  const cancel = quietButton("cancel", giveUp, actions.cancel);
  const chosen = (): string =>
    choices.querySelector<HTMLInputElement>("input:checked")?.value ?? CASH;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (pay.getAttribute("aria-disabled") !== "true") {
      const payment = paymentOf(chosen());
      actions.pay(address.root.hidden ? payment : { ...payment, shippingAddress: address.read() });
    }
  };
  const form = h(
    "form",
    { class: "payment", submit },
    address.root,
    choices,
    h("div", { class: "pay-row" }, h("div", { class: "pay-bar" }, left, trouble, pay), cancel),
  );
  return {
    root: form,
    update({ order, errand, cardsAgainAtMs, needsAddress }, nowMs) {
      const isPaying = errand === "pay";
      const leftMs = Date.parse(order.expiresAt ?? "") - nowMs;
      const isOver = leftMs <= 0;
      setText(left, `${formatClock(leftMs)} left to pay`);
      const isCash = chosen() === CASH;
      const cardsInMs = isCash ? 0 : (cardsAgainAtMs ?? 0) - nowMs;
      choices.disabled = isOver || isPaying;
      setShown(address.root, needsAddress);
      // What is off is not checked before the form is sent.
      address.root.disabled = choices.disabled || !needsAddress;
      setText(trouble, isPaying ? "" : troubleText({ order, cardsAgainAtMs }, nowMs));
      setShown(trouble, trouble.textContent !== "");
      pay.disabled = isOver || cardsInMs > 0 || isMoneyMoving(order);
      const sum = formatMoney(order.total);
      const idle = isCash ? `Order, pay ${sum} on delivery` : `Pay ${sum}`;
      setBusy(
        pay,
        isPaying,
        cardsInMs > 0 ? `Cards again in ${formatClock(cardsInMs)}` : idle,
        isCash ? "Placing the order…" : "Sending the payment…",
      );
      setBusy(
        cancel,
        errand === "cancel",
        giveUp,
        kind === "offered" ? "Letting go…" : "Cancelling…",
      );
    },
  };
}

function paymentOf(choice: string): Payment {
  return choice === CASH
    ? { paymentMethod: "cod" }
    : { paymentMethod: "card", paymentToken: choice };
}

/** What keeps a card from being charged right now; empty when nothing does. */
function troubleText(
  { order, cardsAgainAtMs }: Pick<OrderModel, "order" | "cardsAgainAtMs">,
  nowMs: number,
): string {
  if (isMoneyMoving(order)) {
    return "Your earlier payment is still being called off. You can pay in a moment.";
  }
  // Where cards could be tried before the end of the hold, the payment begins and waits.
  return (cardsAgainAtMs ?? 0) > nowMs
    ? "The payment provider cannot be reached, and is not likely to be before your time is up. Nothing was charged. Cash on delivery works."
    : "";
}

function paymentChoice(): HTMLFieldSetElement {
  const cards = TEST_CARDS.map(([token, name], index) =>
    choice(token, `card-${token}`, name, index === 0),
  );
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", {}, "How do you want to pay?"),
    h("p", { class: "choices-title" }, "With a test card"),
    ...cards,
    h("p", { class: "choices-title" }, "Without a card"),
    choice(CASH, "pay-cod", "Cash on delivery", false),
    h(
      "p",
      { class: "fine" },
      "This shop runs on a payment sandbox: no real card, no real money. A real card’s number would go straight to the payment provider; the shop never sees it.",
    ),
  );
}

function choice(value: string, testId: string, name: string, isFirst: boolean): HTMLElement {
  return h(
    "label",
    { class: "choice" },
    h("input", {
      type: "radio",
      name: "payment",
      value,
      checked: isFirst,
      "data-testid": testId,
    }),
    name,
  );
}
