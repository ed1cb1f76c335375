/** The page that tells how a sale's line was kept, while it goes on and after. */
import { getFairness, getSale } from "./api.ts";
import { createConnection } from "./connection.ts";
import { byId, h, setText } from "./dom.ts";
import { createReportView } from "./fairness/report-view.ts";
import { receiptLink, saleLink, saleOfPage } from "./links.ts";
import { createNotice } from "./notice.ts";
import { startPoller } from "./poller.ts";
import { ApiProblem, readableProblem } from "./problem.ts";

/** Often enough to follow a line that moves, seldom enough for who leaves the page open. */
const REFRESH_MS = 10_000;

const main = byId("main");
const heading = byId("heading");
const showNotice = createNotice(byId("notice"));

function start(saleId: string): void {
  const connection = createConnection(byId("connection"));
  const view = createReportView();
  const name = h("p", { class: "report-sale" });
  const poller = startPoller({
    async ask() {
      try {
        const report = await getFairness(saleId);
        showNotice("");
        // Shown before it is filled, so that plots find their width.
        if (!view.root.isConnected) {
          byId("report").replaceChildren(name, view.root, furtherLinks(saleId));
        }
        view.update(report);
        setText(heading, report.isFinal ? "How the line was kept" : "How the line is kept");
        main.dataset["state"] = report.isFinal ? "final" : "live";
        return report.isFinal ? null : REFRESH_MS;
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.passesSoon) {
          throw error;
        }
        poller.stop();
        showProblem(error);
        return null;
      }
    },
    onFailures: (count, error) => connection.failures("report", count, error),
  });
  void getSale(saleId).then(
    (sale) => name.append(sale.name),
    // The report stands without the sale's name.
    () => name.remove(),
  );
}

function furtherLinks(saleId: string): HTMLElement {
  return h(
    "p",
    { class: "proof-links" },
    h("a", { href: receiptLink(saleId) }, "Check your own place"),
    h("a", { href: saleLink(saleId) }, "To the sale"),
  );
}

function showProblem(error: unknown): void {
  main.dataset["state"] = "missing";
  showNotice(
    error instanceof ApiProblem && error.status === 404
      ? "There is no report of such a sale. The link may be cut short, or the sale keeps no public log."
      : readableProblem(error),
  );
}

const saleId = saleOfPage();
if (saleId === null) {
  showProblem(new Error("The address names no sale. Choose one in the shop."));
} else {
  start(saleId);
}
