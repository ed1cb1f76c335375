/** The books of a sale: how its articles compared, the proof of the trail, and who did what. */
import type { AdminSale } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatMoment } from "../format.ts";
import { startPoller } from "../poller.ts";
import { readableProblem } from "../problem.ts";
import type { AdminApi } from "./admin-api.ts";
import type { Compared, HistoryRow, Verified } from "./books-contract.ts";
import {
  actorText,
  BOOKS_HEADINGS,
  comparedText,
  deedText,
  figureTexts,
  outcomeText,
  verifiedText,
} from "./books-text.ts";
import { keyedRows, type Row } from "./rows.ts";

const REFRESH_MS = 15_000;
/** Parts of the proof that one click reads: the page stays usable, and the command line reads the rest. */
const PARTS_MAX = 200;

/** The panel of one sale; `stop` when another is chosen. */
export interface BooksPanel {
  readonly root: HTMLElement;
  readonly update: (sale: AdminSale) => void;
  readonly stop: () => void;
}

/** What the panel needs of the console. */
export interface BooksOptions {
  readonly api: AdminApi;
  readonly saleId: string;
  /** Hears after a comparison: what needs a person may have changed. */
  readonly compared: () => void;
  readonly onFailures: (failures: number, error: unknown) => void;
}

interface Line {
  readonly sku: string;
  readonly name: string;
  readonly compared: Compared | null;
}

/** Builds the panel, which refreshes itself. */
export function createBooksPanel(options: BooksOptions): BooksPanel {
  const { api, saleId, compared, onFailures } = options;
  const outcome = h("p", { class: "outcome", role: "status", "data-testid": "books-outcome" });
  const body = h("tbody");
  const show = keyedRows(body, ({ sku }: Line) => sku, comparedRow);
  const history = h("tbody");
  const showHistory = keyedRows(history, ({ sequence }: HistoryRow) => `${sequence}`, historyRow);
  const none = h("p", { class: "fine" }, "Nobody has done anything to this sale yet.");
  const historyTable = tableOf("Table of who did what", ["Who", "What", "Why"], history);
  let items: AdminSale["items"] = [];
  let known: readonly Compared[] = [];

  const draw = (): void =>
    show(
      items.map(({ sku, name }) => {
        const result = known.find((one) => one.sku === sku) ?? null;
        return { sku, name, compared: result };
      }),
    );
  const work = (does: () => Promise<string>) => async (): Promise<void> => {
    outcome.classList.remove("is-error");
    setText(outcome, "Working…");
    try {
      setText(outcome, await does());
    } catch (error) {
      setText(outcome, readableProblem(error));
      outcome.classList.add("is-error");
    }
    poller.wake();
  };
  const reconcile = work(async () => {
    const found = await api.reconcile(saleId);
    compared();
    outcome.classList.toggle("is-error", !found.every(({ ok }) => ok));
    return comparedText(found);
  });
  const verify = work(async () => {
    const parts: Verified[] = [];
    for (let cursor: string | undefined; parts.length < PARTS_MAX;) {
      const part = await api.verify(cursor);
      parts.push(part);
      cursor = part.cursor;
      if (cursor === undefined) break;
    }
    outcome.classList.toggle("is-error", !parts.every(({ ok }) => ok));
    return verifiedText(parts);
  });
  const poller = startPoller({
    ask: async () => {
      known = await api.reconciliations(saleId);
      draw();
      const rows = await api.saleHistory(saleId);
      showHistory(rows.toReversed());
      setShown(historyTable, rows.length > 0);
      setShown(none, rows.length === 0);
      return REFRESH_MS;
    },
    onFailures,
  });
  const button = (label: string, click: () => Promise<void>): HTMLElement =>
    h("button", { class: "button button-quiet", type: "button", click: () => void click() }, label);
  return {
    root: h(
      "section",
      { class: "admin-card books", "aria-labelledby": "books-heading" },
      h("h2", { id: "books-heading" }, "Books"),
      h(
        "p",
        { class: "fine" },
        "What happened, against orders, payments, the provider's own books and messages. Compared by itself every five minutes.",
      ),
      h(
        "div",
        { class: "actions" },
        button("Reconcile now", reconcile),
        button("Verify the trail", verify),
      ),
      outcome,
      tableOf("Table of how the books compared", BOOKS_HEADINGS, body, 2),
      h("h3", {}, "History"),
      none,
      historyTable,
    ),
    update(sale) {
      items = sale.items;
      draw();
    },
    stop: () => poller.stop(),
  };
}

/** A table that scrolls; columns from `numbersFrom` on are numbers. */
function tableOf(
  label: string,
  headings: readonly string[],
  body: HTMLElement,
  numbersFrom = Infinity,
): HTMLElement {
  const cells = headings.map((text, index) =>
    h("th", { scope: "col", class: index >= numbersFrom ? "number" : null }, text),
  );
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label },
    h("table", {}, h("thead", {}, h("tr", {}, ...cells)), body),
  );
}

function comparedRow({ name, sku }: Line): Row<Line> {
  const badge = h("span");
  const when = h("span", { class: "fine" });
  const cells = BOOKS_HEADINGS.slice(2).map(() => h("td", { class: "number" }));
  const article = h("th", { scope: "row" }, name, h("span", { class: "fine" }, sku));
  return {
    root: h("tr", {}, article, h("td", { class: "two-lines" }, badge, when), ...cells),
    update({ compared }) {
      setText(badge, compared === null ? "not yet" : outcomeText(compared));
      const isAlarm = compared !== null && !compared.ok;
      badge.className = isAlarm ? "is-alarm" : "";
      setText(when, compared === null ? "" : formatMoment(compared.at));
      const texts = compared === null ? [] : figureTexts(compared);
      for (const [index, cell] of cells.entries()) setText(cell, texts[index] ?? "–");
    },
  };
}

function historyRow(): Row<HistoryRow> {
  const who = h("span");
  const when = h("span", { class: "fine" });
  const what = h("td", { class: "wraps" });
  const why = h("td", { class: "wraps" });
  return {
    root: h("tr", {}, h("td", { class: "two-lines" }, who, when), what, why),
    update(row) {
      setText(when, formatMoment(row.at));
      setText(who, actorText(row.actor));
      setText(what, deedText(row));
      setText(why, row.reason ?? "–");
    },
  };
}
