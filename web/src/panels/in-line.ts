/** What every panel of somebody who waits has: a sound on request, and the way out. */
import type { Chime } from "../chime.ts";
import { h, setShown, setText, svg } from "../dom.ts";
import type { SaleActions, SaleModel } from "../sale-model.ts";
import { quietButton, setBusy } from "./panel.ts";

/** The part of a panel; `update` as for a panel. */
export interface InLine {
  readonly root: HTMLElement;
  readonly update: (model: SaleModel) => void;
}

/** In the line, or on the waiting list. */
const WAYS = {
  line: { sound: "Sound at my turn", out: "Leave the line" },
  list: { sound: "Sound at an offer", out: "Leave the list" },
} as const;

/** Builds the row of the sound and the way out. */
export function inLine(
  actions: SaleActions,
  chime: Chime,
  where: "line" | "list" = "line",
): InLine {
  const way = WAYS[where];
  const state = h("span", { class: "sound-state" });
  const sound = h(
    "button",
    {
      class: "button button-quiet sound",
      type: "button",
      "data-testid": "sound",
      click: () => chime.toggle(),
    },
    bell(),
    h("span", {}, way.sound),
    state,
  );
  const hint = h(
    "p",
    { class: "fine sound-hint" },
    "The sound is on. Your browser lets it play after one tap or key press on this page.",
  );
  const isList = where === "list";
  const leave = isList
    ? quietButton("list-leave", way.out, actions.leaveList)
    : quietButton("leave", way.out, actions.leave);
  return {
    root: h("div", { class: "in-line" }, h("div", { class: "actions" }, sound, leave), hint),
    update({ errand }) {
      const isWanted = chime.state() !== "off";
      sound.setAttribute("aria-pressed", String(isWanted));
      setText(state, isWanted ? "On" : "Off");
      setShown(hint, chime.state() === "waiting");
      setBusy(leave, errand === (isList ? "unlist" : "leave"), way.out, "Leaving…");
    },
  };
}

/** The sign of what tells somebody something. */
export function bell(): SVGSVGElement {
  return svg(
    "svg",
    { class: "bell", viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("path", { d: "M4 14.5h12l-1.5-2.2V8.5a4.5 4.5 0 0 0-9 0v3.8z" }),
    svg("path", { d: "M8.3 16.8a1.8 1.8 0 0 0 3.4 0" }),
  );
}
