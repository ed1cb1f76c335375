/** The report as it is read: the verdicts first, then the figures, each with its plot and its table. */
import { h, setShown, setText } from "../dom.ts";
import { formatMoment, formatNumber, formatShare, formatStamp } from "../format.ts";
import { facts } from "../panels/panel.ts";
import type { Fairness } from "./contract.ts";
import { FIGURES } from "./figures.ts";
import { figureSection, type ReportPart } from "./report-figure.ts";
import { counted, summaryOf, verdictsOf } from "./verdicts.ts";

const FACTS = ["Joined", "Let in", "Invited and did not come", "Bought", "Units each"];

/** Builds the report, empty. What is open on it stays open when it is drawn anew. */
export function createReportView(): ReportPart {
  const badge = h("span", { class: "badge", "data-testid": "finality" });
  const asOf = h("p", { class: "fine" });
  const summary = h("p", { class: "lead" });
  const verdicts = h("ul", { class: "checks" });
  const numbers = facts(FACTS);
  const checkpoint = h("pre", { class: "code" });
  const proof = h(
    "details",
    { class: "report-proof" },
    h("summary", {}, "The signed head of the log that this is computed from"),
    checkpoint,
  );
  const sections = FIGURES.map(figureSection);
  return {
    root: h(
      "div",
      { class: "report" },
      h(
        "section",
        { class: "panel", "aria-label": "Verdicts" },
        h("div", { class: "panel-body" }, badge, summary, verdicts, numbers.root, asOf, proof),
      ),
      h("div", { class: "figures-grid" }, ...sections.map(({ root }) => root)),
    ),
    update(report) {
      const promises = verdictsOf(report);
      badge.className = `badge ${report.isFinal ? "" : "badge-active"}`;
      setText(badge, report.isFinal ? "Final" : "Live");
      setText(asOf, asOfText(report));
      setText(summary, summaryOf(promises, report.isFinal));
      verdicts.replaceChildren(
        ...promises.map(({ id, verdict, title, said }) =>
          h(
            "li",
            { class: "check", "data-verdict": verdict, "data-testid": `promise-${id}` },
            h("h2", {}, h("span", { class: "visually-hidden" }, SPOKEN[verdict]), title),
            h("p", {}, said),
          ),
        ),
      );
      for (const [index, text] of factTexts(report).entries()) {
        const value = numbers.values[index];
        if (value !== undefined) {
          setText(value, text);
        }
      }
      setText(checkpoint, report.checkpoint ?? "");
      setShown(proof, report.checkpoint !== null);
      for (const section of sections) {
        section.update(report);
      }
    },
  };
}

const SPOKEN = { passed: "Kept: ", failed: "Not kept: ", open: "Not judged: " } as const;

function asOfText({ asOf, entries, isFinal }: Fairness): string {
  const read = `Computed from ${formatNumber(entries)} ${entries === 1 ? "entry" : "entries"} of the public log`;
  // The moment has no seconds, and the stamp no day.
  const when =
    asOf === null
      ? ""
      : `, the last of ${formatMoment(asOf)}${formatStamp(Date.parse(asOf)).slice("hh:mm".length)}`;
  const rest = isFinal
    ? "The sale has ended: nothing of it changes any more."
    : "It is computed anew while the sale goes on.";
  return `${read}${when}. ${rest} Anyone can compute it again from the log alone.`;
}

function factTexts({ joined, admitted, noShows, units }: Fairness): string[] {
  return [
    formatNumber(joined),
    formatNumber(admitted),
    noShows.decided === 0 ? "–" : formatShare(noShows.rate),
    units === null ? "–" : counted(units.shoppers, "shopper"),
    units === null ? "–" : `${units.mean.toFixed(2)} ± ${units.deviation.toFixed(2)}`,
  ];
}
