/** One sale under the admin's hands: its state, its live figures, its stock. */
import { askToConfirm } from "../confirm.ts";
import type { AdminSale, Percentiles, SaleState, SaleSummary } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatMoment, formatMoney, formatNumber, formatShare } from "../format.ts";
import { fairnessLink, saleLink } from "../links.ts";
import { readableProblem } from "../problem.ts";
import type { AdminApi, SaleCommand } from "./admin-api.ts";
import { limitsText } from "./limits.ts";
import { createPublicValue } from "./public-value.ts";
import { createStockTable } from "./stock-table.ts";
import { createWaitlistTable } from "./waitlist-table.ts";

/** The detail of one sale. */
export interface SaleDetail {
  readonly root: HTMLElement;
  readonly update: (sale: AdminSale, summary: SaleSummary | null) => void;
}

/** What can be asked of a sale in each state. */
const COMMANDS: Readonly<Record<SaleState, readonly SaleCommand[]>> = {
  draft: ["start", "end"],
  scheduled: ["start", "end"],
  prequeue: ["start", "end"],
  active: ["pause", "end"],
  sold_out: ["pause", "end"],
  paused: ["resume", "end"],
  ended: [],
};

const LABELS: Readonly<Record<SaleCommand, string>> = {
  start: "Start now",
  pause: "Pause",
  resume: "Resume",
  end: "End",
};

const END_QUESTION = {
  title: "End this sale?",
  text: "Nobody new can buy. Open reservations and payments go on. This cannot be taken back.",
  yes: "End the sale",
  no: "Keep it running",
  testId: "end-confirm",
};

const FIGURES = [
  "Revenue",
  "Sold",
  "Shoppers with an order",
  "Bought, of those who joined",
  "Most sold in a minute",
  "Waited: half, 99 of 100",
  "Bought in: half, 99 of 100",
  "Inside now",
  "Most inside",
  "Now serving",
  "Last number",
  "Let in per minute",
  "Oversold",
] as const;

/** Builds the detail; `changed` hears after every command, to look again at once. */
export function createSaleDetail(api: AdminApi, saleId: string, changed: () => void): SaleDetail {
  const heading = h("h2", { id: "detail-heading" });
  const state = h("span", { class: "badge" });
  const times = h("p", { class: "fine" });
  const limits = h("p", { class: "fine" });
  const outcome = h("p", { class: "outcome", role: "status" });

  const run = async (command: SaleCommand): Promise<void> => {
    if (command === "end" && !(await askToConfirm(END_QUESTION))) {
      return;
    }
    outcome.classList.remove("is-error");
    try {
      await api.command(saleId, command);
      setText(outcome, `${LABELS[command]}: done.`);
    } catch (error) {
      setText(outcome, readableProblem(error));
      outcome.classList.add("is-error");
    }
    changed();
  };
  const commands = (["start", "resume", "pause", "end"] as const).map((command) => ({
    command,
    button: h(
      "button",
      {
        class: command === "end" ? "button button-quiet" : "button button-main",
        type: "button",
        "data-testid": `sale-${command}`,
        click: () => void run(command),
      },
      LABELS[command],
    ),
  }));
  const values = FIGURES.map(() => h("dd"));
  const pairs = FIGURES.map((name, index) =>
    h("div", { class: "figure" }, h("dt", {}, name), values[index] ?? null),
  );
  const byStatus = h("p", { class: "fine" });
  const publicValue = createPublicValue(api, saleId, changed);
  const stock = createStockTable(api, saleId, changed);
  const waitlist = createWaitlistTable();
  return {
    root: h(
      "section",
      { class: "admin-card", "aria-labelledby": "detail-heading" },
      h("div", { class: "detail-head" }, heading, state),
      h("div", {}, times, limits),
      h("div", { class: "actions" }, ...commands.map(({ button }) => button), outcome),
      publicValue.root,
      h("dl", { class: "figures" }, ...pairs),
      byStatus,
      stock.root,
      waitlist.root,
      h(
        "p",
        { class: "proof-links" },
        h("a", { href: saleLink(saleId) }, "See it as a shopper"),
        h("a", { href: fairnessLink(saleId), "data-testid": "fairness" }, "How the line is kept"),
      ),
    ),
    update(sale, summary) {
      setText(heading, sale.name);
      setText(state, sale.state.replace("_", " "));
      state.className = `badge badge-${sale.state}`;
      setText(times, `${formatMoment(sale.startsAt)} to ${formatMoment(sale.endsAt)}, your time`);
      setText(limits, limitsText(sale.limits));
      for (const { command, button } of commands) {
        setShown(button, COMMANDS[sale.state].includes(command));
      }
      const texts = figureTexts(sale, summary);
      for (const [index, text] of texts.entries()) {
        const value = values[index];
        if (value !== undefined) {
          setText(value, text);
        }
      }
      values.at(-1)?.classList.toggle("is-alarm", (summary?.oversold ?? 0) > 0);
      setText(byStatus, statusCounts(summary));
      publicValue.update(sale.queue);
      stock.update(sale.items);
      waitlist.update(sale.items, summary?.waitlist ?? []);
    },
  };
}

function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : formatNumber(value);
}

function times(spread: Percentiles | null | undefined): string {
  return spread ? `${seconds(spread.p50)}, ${seconds(spread.p99)}` : "–";
}

function seconds(ms: number): string {
  return `${formatNumber(Math.round(ms / 100) / 10)} s`;
}

function figureTexts({ queue }: AdminSale, summary: SaleSummary | null): string[] {
  const revenue = summary?.revenue ?? null;
  const sequencer = summary?.objects?.sequencer;
  return [
    revenue === null ? "–" : formatMoney(revenue),
    count(summary?.sold),
    count(summary?.shoppers),
    typeof summary?.conversion === "number" ? formatShare(summary.conversion) : "–",
    count(summary?.peakPerMinute),
    times(summary?.waitMs),
    times(summary?.purchaseMs),
    count(sequencer?.inside),
    count(sequencer?.peakInside),
    count(queue.nowServing),
    count(queue.lastNumber),
    count(queue.ratePerMinute),
    count(summary?.oversold),
  ];
}

function statusCounts(summary: SaleSummary | null): string {
  const entries = Object.entries(summary?.orders.byStatus ?? {});
  return entries.length === 0
    ? "No orders yet."
    : `Orders: ${entries
        .map(
          ([status, orders]) => `${formatNumber(orders)} ${status.toLowerCase().replace("_", " ")}`,
        )
        .join(", ")}.`;
}
