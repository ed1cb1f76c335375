/** One figure of the report: what it says, its plot, and its table. */
import { h, setShown, setText } from "../dom.ts";
import type { Fairness } from "./contract.ts";
import { BUCKETS, figureOf, HERE, type Figure, type FigureId } from "./figures.ts";
import type { drawFigure } from "./plots.ts";

/** A part of the report that follows it. */
export interface ReportPart {
  readonly root: HTMLElement;
  readonly update: (report: Fairness) => void;
}

/** Loaded when the first figure is to be drawn: it is larger than all else on the page. */
const loadDraw = async (): Promise<typeof drawFigure> => (await import("./plots.ts")).drawFigure;

/** Builds the place of a figure, hidden until the report has something for it. */
export function figureSection(id: FigureId): ReportPart {
  const heading = h("h2", { class: "figure-title" });
  const said = h("p", {});
  const key = legend(id);
  const host = h("div", { class: "plot-host" });
  const head = h("tr");
  const body = h("tbody");
  const scroll = h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region" },
    h("table", {}, h("thead", {}, head), body),
  );
  const root = h(
    "section",
    { class: "report-figure", "data-testid": `figure-${id}` },
    heading,
    said,
    key,
    host,
    h("details", {}, h("summary", {}, "The figures as a table"), scroll),
  );
  root.hidden = true;
  let shown: { readonly report: Fairness; readonly figure: Figure } | null = null;
  let width = 0;
  const draw = async (): Promise<void> => {
    const asked = shown;
    if (asked === null || host.clientWidth === 0) {
      return;
    }
    const drawFigure = await loadDraw();
    if (asked === shown) {
      width = host.clientWidth;
      host.replaceChildren(drawFigure(id, asked.report, width, asked.figure.title));
    }
  };
  // Only the width is taken: the height is the plot's own.
  new ResizeObserver(() => host.clientWidth !== width && void draw()).observe(host);
  return {
    root,
    update(report) {
      const figure = figureOf(id, report);
      root.hidden = figure === null;
      shown = figure && { report, figure };
      if (figure === null) {
        return;
      }
      setText(heading, figure.title);
      setText(said, figure.said);
      scroll.setAttribute("aria-label", `Table: ${figure.title}`);
      setShown(key, report.minuteBuckets !== null && report.arrivalToAdmission !== null);
      head.replaceChildren(...figure.columns.map((text) => h("th", { scope: "col" }, text)));
      body.replaceChildren(
        ...figure.rows.map(([first = "", ...rest]) =>
          h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((text) => h("td", {}, text))),
        ),
      );
      void draw();
    },
  };
}

/** Which mark is whose, where two lines are compared. */
function legend(id: FigureId): HTMLElement {
  const isCompared = id === "order" || id === "first";
  return isCompared
    ? h(
        "p",
        { class: "legend" },
        h("span", { class: "legend-here" }, HERE),
        h("span", { class: "legend-buckets" }, `${BUCKETS}, simulated`),
      )
    : h("p", { class: "legend" });
}
