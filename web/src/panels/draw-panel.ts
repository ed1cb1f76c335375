/** The wait for a draw: everyone who came in the same half minute gets a place at once. */
import type { Chime } from "../chime.ts";
import type { Sale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { drawText } from "../draw-text.ts";
import { formatClock } from "../format.ts";
import type { SaleActions, SaleModel } from "../sale-model.ts";
import { inLine } from "./in-line.ts";
import { lead, panelHeading, type Panel } from "./panel.ts";
import { proofLinks } from "./proof-links.ts";

/** Builds the panel of a place that is still to be drawn. */
export function drawPanel({ saleId }: Sale, actions: SaleActions, chime: Chime): Panel<SaleModel> {
  const heading = panelHeading("");
  const clock = h("span", { class: "clock-figure", "data-testid": "draw-clock" });
  const until = h("p", { class: "clock", role: "timer" }, clock, " until the draw");
  const now = h("p", { class: "lead draw-now", "data-testid": "draw-now" });
  const explained = lead("");
  const row = inLine(actions, chime);
  return {
    root: h(
      "div",
      { class: "panel-body panel-ticket" },
      heading,
      until,
      now,
      explained,
      h(
        "div",
        { class: "stub" },
        h(
          "p",
          { class: "fine" },
          "Your entry is kept in this browser. You can close this page and come back after the draw.",
        ),
        proofLinks(saleId),
        row.root,
      ),
    ),
    heading,
    update(model, nowMs) {
      const leftMs = Date.parse(model.view?.drawsAt ?? "") - nowMs;
      setShown(until, leftMs > 0);
      setShown(now, !(leftMs > 0));
      setText(clock, formatClock(leftMs));
      const text = drawText(model.sale, model.view);
      setText(heading, text.heading);
      setText(now, text.now);
      setText(explained, text.explained);
      row.update(model);
    },
  };
}
