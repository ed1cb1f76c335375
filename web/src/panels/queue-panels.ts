/** The panels before the turn comes: countdown, joining, waiting. */
import type { Chime } from "../chime.ts";
import { createCountdown } from "../countdown.ts";
import type { QueueingMethod, Sale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { earlyDrawText } from "../draw-text.ts";
import { formatMoment, formatNumber } from "../format.ts";
import { createRope } from "../rope.ts";
import type { SaleActions, SaleModel } from "../sale-model.ts";
import { availableUnits, waitingText } from "../waiting-text.ts";
import { inLine } from "./in-line.ts";
import { listOffer } from "./list-panels.ts";
import { proofLinks } from "./proof-links.ts";
import { reminderRow } from "./reminder.ts";
import { facts, lead, mainButton, panelHeading, setBusy, type Panel } from "./panel.ts";

type SalePanel = Panel<SaleModel>;

/** The time until the sale opens; with early entry also the way into the line, or the place in it. */
export function countdownPanel(sale: Sale, actions: SaleActions, chime: Chime): SalePanel {
  const heading = panelHeading("");
  const countdown = createCountdown("Time until the sale opens");
  const explained = lead("");
  const opens = h("p", { class: "fine" });
  const place = facts(["Your number", "Ahead of you"]);
  const [ownNumber, ahead] = place.values;
  ownNumber?.setAttribute("data-testid", "number");
  ahead?.setAttribute("data-testid", "place");
  const join = mainButton("join", "Get in line early", actions.join);
  const reminder = reminderRow(sale);
  const links = h("div");
  const row = inLine(actions, chime);
  return {
    root: h(
      "div",
      { class: "panel-body" },
      heading,
      countdown.root,
      opens,
      place.root,
      explained,
      h("div", { class: "actions" }, join),
      reminder.root,
      links,
      row.root,
    ),
    heading,
    update(now, nowMs) {
      const isIn = now.hasTicket;
      const startsAt = now.status?.startsAt ?? now.sale.startsAt;
      setText(heading, isIn ? "You are in early" : "Opens in");
      countdown.update(Date.parse(startsAt) - nowMs);
      setText(opens, `Opens ${formatMoment(startsAt)}, your time`);
      const hasPlace = isIn && now.place?.number != null && now.place.ahead !== null;
      setShown(place.root, hasPlace);
      if (hasPlace) {
        fill(ownNumber, formatNumber(now.place?.number ?? 0));
        fill(ahead, formatNumber(now.place?.ahead ?? 0));
      }
      setText(explained, countdownText(now));
      setShown(join, !isIn && (now.status ?? now.sale).state === "prequeue");
      reminder.update(!isIn, Date.parse(startsAt));
      setShown(links, isIn);
      if (isIn && !links.hasChildNodes()) {
        // There is a receipt only now.
        links.append(proofLinks(sale.saleId));
      }
      setShown(row.root, isIn);
      row.update(now);
      setBusy(join, now.errand === "join", "Get in line early", "Taking your place…");
    },
  };
}

function countdownText({ hasTicket, place, status, sale }: SaleModel): string {
  if (hasTicket && place?.number != null) {
    return "Your place is kept in this browser. You can close this page and come back for the opening.";
  }
  if (hasTicket) {
    const drawn = earlyDrawText(sale) ?? "You get your place in the moment the sale opens.";
    return `${drawn} You can close this page: your entry is kept in this browser.`;
  }
  if ((status ?? sale).state === "prequeue") {
    return "The line is already open. Come in now and have a place when the sale starts.";
  }
  const early = sale.queue.prequeueStartsAt ?? null;
  return early === null
    ? "The line opens when the countdown ends. No need to reload this page."
    : `The line opens early, ${formatMoment(early)}. No need to reload this page.`;
}

const JOINING_TEXTS: Readonly<Record<QueueingMethod, string>> = {
  fifo: "Everyone gets one place, in the order in which they come. You will see how many are ahead of you.",
  random:
    "Everyone gets one place. Who comes in the same half minute gets it by a public draw, so that a fast connection wins nothing.",
  passthrough: "There is no wait: everyone is let in as long as there is something to buy.",
  reject: "The shop takes nobody new into this line.",
};

/** The way into the line of an open sale, and the moment in which a place is being looked up. */
export function joiningPanel(actions: SaleActions): SalePanel {
  const heading = panelHeading("");
  const explained = lead("");
  const join = mainButton("join", "Join the line", actions.join);
  return {
    root: h(
      "div",
      { class: "panel-body" },
      heading,
      explained,
      h("div", { class: "actions" }, join),
    ),
    heading,
    update(now) {
      const isLookedUp = now.hasTicket && now.view === null;
      setText(heading, isLookedUp ? "Finding your place" : "The sale is open");
      setText(
        explained,
        isLookedUp
          ? "You already have a place in this line."
          : JOINING_TEXTS[now.sale.queue.queueingMethod ?? "fifo"],
      );
      setShown(join, !isLookedUp);
      setBusy(join, now.errand === "join", "Join the line", "Taking your place…");
    },
  };
}

/** The place in line: how many are ahead, the way so far, and how long it may take. */
export function waitingPanel(model: SaleModel, actions: SaleActions, chime: Chime): SalePanel {
  const heading = panelHeading("");
  const ahead = h("span", { class: "place-figure", "data-testid": "place" });
  const label = h("span", { class: "place-label" });
  const rope = createRope();
  const estimate = h("span", { class: "place-estimate" });
  const numbers = facts(["Your number", "Now serving"]);
  const [ownNumber, serving] = numbers.values;
  ownNumber?.setAttribute("data-testid", "number");
  const outlook = h("p", { class: "callout", "data-testid": "outlook" });
  const list = listOffer(model.sale, actions);
  const row = inLine(actions, chime);
  const stub = h(
    "div",
    { class: "stub" },
    numbers.root,
    h(
      "p",
      { class: "fine" },
      "Your place is kept in this browser. You can close this page and come back before your turn.",
    ),
    proofLinks(model.sale.saleId),
    row.root,
  );
  return {
    root: h(
      "div",
      { class: "panel-body panel-ticket" },
      heading,
      h("p", { class: "place" }, ahead, label, estimate),
      rope.root,
      outlook,
      list.root,
      stub,
    ),
    heading,
    update(now) {
      const { view, place } = now;
      if (view === null || place === null) {
        return;
      }
      const text = waitingText(view, place, availableUnits(now.status));
      setText(heading, waitingHeading(now));
      setText(ahead, text.ahead ?? "");
      ahead.style.setProperty("--characters", String(text.ahead?.length ?? 1));
      setText(label, text.label);
      rope.update(text.progress, text.ahead === null ? text.label : `${text.ahead} ${text.label}`);
      fill(ownNumber, view.number === null ? "–" : formatNumber(view.number));
      fill(serving, (view.nowServing ?? 0) === 0 ? "–" : formatNumber(view.nowServing ?? 0));
      setText(estimate, text.estimate === null ? "" : `Estimated wait: ${text.estimate}`);
      setText(outlook, view.paused ? PAUSED_TEXT : (text.outlook ?? ""));
      setShown(outlook, outlook.textContent !== "");
      outlook.classList.toggle("callout-warn", !view.paused);
      list.update(now);
      row.update(now);
    },
  };
}

const PAUSED_TEXT = "Your place stays as it is. The line moves on when the shop resumes the sale.";

function waitingHeading({ view, place }: SaleModel): string {
  if (view?.paused === true) {
    return "The line is paused";
  }
  return place?.ahead === 0 ? "You are next" : "You are in line";
}

function fill(element: HTMLElement | undefined, text: string): void {
  if (element !== undefined) {
    setText(element, text);
  }
}
