/** The panels that end a way through the sale, each with what happened and what can be done next. */
import type { QueueView } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { ORDERS_LINK } from "../links.ts";
import { orderEnding, type Ending } from "../order-text.ts";
import { canJoinList, isOffer, type SaleActions, type SaleModel } from "../sale-model.ts";
import type { Screen } from "../waiting.ts";
import { listOffer } from "./list-panels.ts";
import { lead, mainButton, panelHeading, setBusy, type Panel } from "./panel.ts";
import { proofLinks } from "./proof-links.ts";

const PLACE_ENDINGS: Readonly<Partial<Record<Screen, Ending>>> = {
  lapsed: {
    heading: "Your turn went by",
    text: "It was your turn, but nobody was at this page to take it, so the line moved on. You can join again and get a new place.",
    next: "join",
  },
  expired: {
    heading: "Your time to buy is over",
    text: "The turn went to the next shopper. You can join again and get a new place.",
    next: "join",
  },
  paused: {
    heading: "A short pause",
    text: "The shop has paused the sale. You can already join the line; it moves on when the sale resumes.",
    next: "join",
  },
};

const CLOSED_TEXTS: Readonly<Record<NonNullable<QueueView["reason"]>, [string, string]>> = {
  sold_out: ["Sold out", "Every unit has found its owner."],
  ended: ["This sale has ended", "Thank you for coming."],
  revoked: ["Your place was taken back", "The shop has withdrawn this place in line."],
  rejected: ["The line is closed", "The shop takes nobody new into this line."],
};

const ONE_TURN_ENDINGS: Readonly<Partial<Record<Screen, Ending>>> = {
  lapsed: {
    heading: "Your turn went by",
    text: "It was your turn, but nobody was at this page to take it, so the line moved on. This sale gives everyone one turn.",
    next: null,
  },
  expired: {
    heading: "Your time to buy is over",
    text: "The turn went to the next shopper. This sale gives everyone one turn.",
    next: null,
  },
};

const OFFER_RAN_OUT: Ending = {
  heading: "The offer ran out",
  text: "It was not paid in time, so it goes to whoever is next. Nothing was charged.",
  next: "buy",
};
const LIST_AGAIN = "You can join the list again, behind those who have had no offer yet.";

function ofOffer(model: SaleModel): Ending {
  return canJoinList(model)
    ? { ...OFFER_RAN_OUT, text: `${OFFER_RAN_OUT.text} ${LIST_AGAIN}`, next: "list" }
    : OFFER_RAN_OUT;
}

/** Whether there still is a place in line to go back to. */
function isInLine({ view }: SaleModel): boolean {
  return view?.state === "waiting" || view?.state === "admitted";
}

function ending(screen: Screen, model: SaleModel): Ending {
  const isOnlyTurn = model.sale.queue.allowRejoin === false;
  const byOrder = model.order === null ? undefined : orderEnding(model.order);
  if (byOrder !== undefined) {
    const told = screen === "expired" && isOffer(model) ? ofOffer(model) : byOrder;
    const isBuying = told.next === "buy" && !isInLine(model);
    return isBuying ? { ...told, next: isOnlyTurn ? null : "join" } : told;
  }
  const byTurn = isOnlyTurn ? ONE_TURN_ENDINGS[screen] : undefined;
  if (byTurn !== undefined) {
    return byTurn;
  }
  if (screen === "soldout") {
    return soldOut(model);
  }
  const [heading, text] = CLOSED_TEXTS[model.view?.reason ?? "ended"];
  return PLACE_ENDINGS[screen] ?? { heading, text, next: null };
}

function soldOut({ status, hasTicket }: SaleModel): Ending {
  const [heading, text] = CLOSED_TEXTS.sold_out;
  if (status?.allHeld === true) {
    return {
      heading: "All reserved",
      text: "Every unit is in a shopper’s hands right now. This page tells you if one comes back.",
      next: null,
    };
  }
  const kept = hasTicket ? " You keep your place: if one comes back, the line moves on." : "";
  return { heading, text: text + kept, next: null };
}

/** Builds the panel of an end. It follows the model, since an end such as sold out may have a nuance. */
export function endPanel(
  screen: Screen,
  { sale }: SaleModel,
  actions: SaleActions,
): Panel<SaleModel> {
  const heading = panelHeading("");
  const explained = lead("");
  const join = mainButton("join", "Join the line", actions.join);
  const again = mainButton("again", "Try again", actions.startOver);
  const list = listOffer(sale, actions, true);
  return {
    root: h(
      "div",
      { class: `panel-body panel-end panel-${screen}` },
      heading,
      explained,
      list.root,
      h(
        "div",
        { class: "actions" },
        join,
        again,
        h("a", { class: "button button-quiet", href: "/" }, "Other sales"),
        h("a", { class: "button button-quiet", href: ORDERS_LINK }, "Your orders"),
      ),
      proofLinks(sale.saleId, true),
    ),
    heading,
    update(model) {
      const { heading: title, text, next } = ending(screen, model);
      setText(heading, title);
      setText(explained, text);
      const isOpen = !["ended", "sold_out", "draft"].includes((model.status ?? model.sale).state);
      setShown(join, next === "join" && isOpen);
      const isBack = model.view?.state === "waiting";
      setText(again, isBack ? "Back to my place in line" : "Try again");
      again.className = `button ${next === "list" ? "button-quiet" : "button-main"}`;
      setShown(again, (next === "buy" && isOpen) || (next === "list" && isBack));
      setBusy(join, model.errand === "join", "Join the line", "Taking your place…");
      list.update(model);
      setShown(list.root, canJoinList(model) && (next === "list" || screen === "soldout"));
    },
  };
}
