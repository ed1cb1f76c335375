/** The bank's page of the payment sandbox: a payment that its shopper approves or declines. */
import { answerBank, getBankPayment } from "./api.ts";
import { untilAnswered } from "./attempts.ts";
import { createConnection } from "./connection.ts";
import type { BankAnswer, BankPayment } from "./contract.ts";
import { byId, focusOn, h, setText } from "./dom.ts";
import { formatMoney } from "./format.ts";
import { orderLink, ORDERS_LINK } from "./links.ts";
import { facts, lead, mainButton, panelHeading, quietButton, setBusy } from "./panels/panel.ts";
import { ApiProblem, readableProblem } from "./problem.ts";

const LABELS: Readonly<Record<BankAnswer, readonly [idle: string, doing: string]>> = {
  approve: ["Approve", "Approving…"],
  decline: ["Decline", "Declining…"],
};

const OUTCOMES: Readonly<
  Record<Exclude<BankPayment["state"], "open">, readonly [heading: string, text: string]>
> = {
  approved: ["Approved", "You have approved this payment. The shop knows."],
  declined: ["Declined", "You have declined this payment. Nothing was charged."],
  closed: ["Too late", "The shop has given this payment up. Nothing was charged."],
};

const main = byId("main");
const stage = byId("stage");
const connection = createConnection(byId("connection"));

function show(state: string, heading: HTMLElement, ...rest: HTMLElement[]): void {
  main.dataset["state"] = state;
  stage.replaceChildren(h("div", { class: "panel-body" }, heading, ...rest));
  focusOn(heading);
}

function backTo(href: string, label: string): HTMLElement {
  return h(
    "div",
    { class: "actions" },
    h("a", { class: "button button-main", href, "data-testid": "back" }, label),
  );
}

function showOpen(challenge: string, { merchant, amount }: BankPayment): void {
  const { root, values } = facts(["Merchant", "Amount"]);
  const [merchantValue, amountValue] = values;
  if (merchantValue) setText(merchantValue, merchant);
  if (amountValue) setText(amountValue, formatMoney(amount));
  const answer = (given: BankAnswer): void => {
    if (approve.getAttribute("aria-disabled") !== "true") void give(given);
  };
  const approve = mainButton("approve", LABELS.approve[0], () => answer("approve"));
  const decline = quietButton("decline", LABELS.decline[0], () => answer("decline"));

  const setGiven = (given: BankAnswer | null): void => {
    for (const [name, button] of [
      ["approve", approve],
      ["decline", decline],
    ] as const) {
      const [idle, doing] = LABELS[name];
      setBusy(button, given !== null, idle, given === name ? doing : idle);
    }
  };

  async function give(given: BankAnswer): Promise<void> {
    setGiven(given);
    try {
      const { orderId } = await untilAnswered(
        () => answerBank(challenge, given),
        connection.retrying,
      );
      location.replace(orderLink(orderId));
    } catch (error) {
      setGiven(null);
      refuse(error);
    }
  }

  show(
    "open",
    panelHeading("Is this payment yours?"),
    lead("The shop asks your bank to confirm it before the card is charged."),
    root,
    h("div", { class: "actions" }, approve, decline),
  );
}

function refuse(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 404) {
    show(
      "missing",
      panelHeading("There is no such payment here"),
      lead("The address is not complete, or of another shop. The order says how it stands."),
      backTo(ORDERS_LINK, "Your orders"),
    );
    return;
  }
  const notice = byId("notice");
  setText(notice, readableProblem(error));
  notice.hidden = false;
}

async function open(): Promise<void> {
  const challenge = new URLSearchParams(location.search).get("challenge") ?? "";
  try {
    const payment = await untilAnswered(() => getBankPayment(challenge), connection.retrying);
    connection.settled();
    if (payment.state === "open") {
      showOpen(challenge, payment);
      return;
    }
    const [heading, text] = OUTCOMES[payment.state];
    show(
      payment.state,
      panelHeading(heading),
      lead(text),
      backTo(orderLink(payment.orderId), "Back to the order"),
    );
  } catch (error) {
    refuse(error);
  }
}

void open();
