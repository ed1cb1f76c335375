/** The panels before the turn comes: countdown, joining, waiting. */
import { createCountdown } from "../countdown.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatMoment, formatNumber } from "../format.ts";
import { createRope } from "../rope.ts";
import type { SaleActions, SaleModel } from "../sale-model.ts";
import { waitingText } from "../waiting.ts";
import {
  facts,
  lead,
  mainButton,
  panelHeading,
  quietButton,
  setBusy,
  type Panel,
} from "./panel.ts";

type SalePanel = Panel<SaleModel>;

/** The time until the sale opens; with early entry also the way into the line, or the place in it. */
export function countdownPanel(actions: SaleActions): SalePanel {
  const heading = panelHeading("");
  const countdown = createCountdown("Time until the sale opens");
  const explained = lead("");
  const opens = h("p", { class: "fine" });
  const place = facts(["Your number", "Ahead of you"]);
  const [ownNumber, ahead] = place.values;
  ahead?.setAttribute("data-testid", "place");
  const join = mainButton("join", "Get in line early", actions.join);
  const leave = quietButton("leave", "Leave the line", actions.leave);
  return {
    root: h(
      "div",
      { class: "panel-body" },
      heading,
      countdown.root,
      opens,
      place.root,
      explained,
      h("div", { class: "actions" }, join, leave),
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
      setShown(leave, isIn);
      setBusy(join, now.errand === "join", "Get in line early", "Taking your place…");
    },
  };
}

function countdownText({ hasTicket, place, status, sale }: SaleModel): string {
  if (hasTicket && place?.number != null) {
    return "Your place is kept in this browser. You can close this page and come back for the opening.";
  }
  if (hasTicket) {
    return sale.queue.shuffleAtStart === true
      ? "Everyone who is here before the start gets a place by a public draw, in the moment the sale opens. You can close this page: your entry is kept in this browser."
      : "You get your place in the moment the sale opens. You can close this page: your entry is kept in this browser.";
  }
  if ((status ?? sale).state === "prequeue") {
    return "The line is already open. Come in now and have a place when the sale starts.";
  }
  const early = sale.queue.prequeueStartsAt ?? null;
  return early === null
    ? "The line opens when the countdown ends. No need to reload this page."
    : `The line opens early, ${formatMoment(early)}. No need to reload this page.`;
}

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
          : "Everyone gets one place, in the order in which they come. You will see how many are ahead of you.",
      );
      setShown(join, !isLookedUp);
      setBusy(join, now.errand === "join", "Join the line", "Taking your place…");
    },
  };
}

/** The place in line: how many are ahead, the way so far, and how long it may take. */
export function waitingPanel(actions: SaleActions): SalePanel {
  const heading = panelHeading("");
  const ahead = h("span", { class: "place-figure", "data-testid": "place" });
  const label = h("span", { class: "place-label" });
  const rope = createRope();
  const estimate = h("span", { class: "place-estimate" });
  const row = facts(["Your number", "Now serving"]);
  const [ownNumber, serving] = row.values;
  const message = h("p", { class: "callout" });
  const leave = quietButton("leave", "Leave the line", actions.leave);
  const stub = h(
    "div",
    { class: "stub" },
    row.root,
    h(
      "p",
      { class: "fine" },
      "Your place is kept in this browser. You can close this page and come back before your turn.",
    ),
    h("div", { class: "actions" }, leave),
  );
  return {
    root: h(
      "div",
      { class: "panel-body panel-ticket" },
      heading,
      h("p", { class: "place" }, ahead, label, estimate),
      rope.root,
      message,
      stub,
    ),
    heading,
    update(now) {
      const { view, place } = now;
      if (view === null || place === null) {
        return;
      }
      const text = waitingText(view, place);
      setText(heading, waitingHeading(now));
      setText(ahead, text.ahead ?? "");
      setText(label, text.label);
      rope.update(text.progress, text.ahead === null ? text.label : `${text.ahead} ${text.label}`);
      fill(ownNumber, view.number === null ? "Being drawn" : formatNumber(view.number));
      fill(serving, view.nowServing === null ? "–" : formatNumber(view.nowServing));
      setText(estimate, text.estimate === null ? "" : `Estimated wait: ${text.estimate}`);
      setText(message, waitingMessage(now));
      setShown(message, message.textContent !== "");
      setBusy(leave, now.errand === "leave", "Leave the line", "Leaving…");
    },
  };
}

function waitingHeading({ view, place }: SaleModel): string {
  if (view?.paused === true) {
    return "The line is paused";
  }
  return place?.ahead === 0 ? "You are next" : "You are in line";
}

function waitingMessage({ view, status }: SaleModel): string {
  if (view?.message != null) {
    return view.message;
  }
  if (view?.paused === true) {
    return "Your place stays as it is. The line moves on when the shop resumes the sale.";
  }
  return status?.allHeld === true
    ? "Everything is reserved by shoppers ahead of you. The line moves on if something comes back."
    : "";
}

function fill(element: HTMLElement | undefined, text: string): void {
  if (element !== undefined) {
    setText(element, text);
  }
}
