import { type Accounts, accountsOf, renderAccounts, type Units, unitsOf } from "./accounts.ts";
import { type Breach, countBreaches } from "./breach.ts";
import { type BooksFigures, booksFigures, renderBooks } from "./books-report.ts";
import { type Money, moneyOf } from "./checks-money.ts";
import { type ListFigures, listFigures } from "./checks-waitlist.ts";
import { firstPlaces, peakSeenInside, shareWhoWaited } from "./checks-shoppers.ts";
import { countEnds } from "./crowd.ts";
import type { Evidence } from "./evidence.ts";
import { renderFaults } from "./faults/figures.ts";
import type { FaultFigures } from "./faults/plan.ts";
import { kendallDistance } from "../domain/fairness/kendall.ts";
import { arrivalsByNumber } from "./arrival-order.ts";
import { logFigures } from "./log-evidence.ts";
import type { CallFigures, Meter } from "./meter.ts";
import type { VisitEnd } from "./shopper-record.ts";
import { type SocketFigures, socketFigures } from "./socket-figures.ts";
import { renderStages, type Stage } from "./stages.ts";
import { known, renderTable, whole } from "./table.ts";

const READ_AHEAD: [string, string] = [
  "read ahead",
  "orders, charges, messages and chains, when all was sold and paid and the last of the crowd were told so; the ledger, read again after it, has them row by row and no order since; books, rebuild and log after it, too",
];

/** A euro's, in which the flood's sale is held. */
const MINOR_UNITS = 100;

/** Everything the table shows, and what `--report` writes as JSON. Null: the system did not say. */
export interface FloodFigures {
  saleId: string;
  shoppers: number;
  stock: number;
  capacity: number;
  seconds: number;
  requests: number;
  requestsPerSecond: number;
  /** Answers in the busiest second; the mean includes the wait of those who lost. */
  busiestSecond: number;
  lostConnections: number;
  busy: number;
  rateLimited: number;
  serverErrors: number;
  calls: CallFigures[];
  /** What the parts of the run took; empty where they were not timed. */
  stages: Stage[];
  purchasesPerCommit: number | null;
  peakInside: number | null;
  peakSeenInside: number;
  shareWhoWaited: number;
  sold: number;
  oversold: number;
  /** What was acknowledged, and what of it is there in the end. */
  accounts: Accounts;
  units: Units;
  money: Money;
  list: ListFigures;
  /** Null where the books were not read. */
  books: BooksFigures | null;
  /** What the last of the crowd left time for was read before they were done. */
  isReadAhead: boolean;
  /** Null where the public log was not read. */
  log: ReturnType<typeof logFigures> | null;
  lost: number;
  duplicates: number;
  certainInversions: number;
  kendallDistance: number;
  discordantPairs: number;
  secondsToSellOut: number | null;
  ends: Partial<Record<VisitEnd, number>>;
  sockets: SocketFigures;
  objects: NonNullable<Evidence["summary"]["objects"]> | null;
  /** What was wrong on purpose; null where nothing was. */
  faults: FaultFigures | null;
  breaches: Breach[];
}

/** Puts the figures of a finished run together; `seconds` is how long the crowd was driven. */
export function figuresOf(
  evidence: Evidence,
  breaches: Breach[],
  meter: Meter,
  seconds: number,
): FloodFigures {
  const { sale, records, summary, ledger } = evidence;
  const { discordant, tau } = kendallDistance(
    arrivalsByNumber(
      firstPlaces(records).map(({ number, firstSentAtMs }) => {
        return { number, arrivedAtMs: firstSentAtMs };
      }),
    ),
  );
  return {
    saleId: sale.saleId,
    shoppers: records.length,
    stock: sale.stock,
    capacity: sale.capacity,
    seconds,
    requests: meter.answered,
    requestsPerSecond: meter.answered / seconds,
    busiestSecond: meter.busiestSecond,
    lostConnections: meter.lostConnections,
    busy: meter.busy,
    rateLimited: meter.rateLimited,
    serverErrors: meter.serverErrors,
    calls: meter.figures(),
    stages: [],
    purchasesPerCommit: purchasesPerCommit(evidence),
    peakInside: summary.objects?.sequencer?.peakInside ?? null,
    peakSeenInside: peakSeenInside(records),
    shareWhoWaited: shareWhoWaited(records),
    sold: ledger.at(-1)?.sold ?? 0,
    oversold: countBreaches(breaches, "oversold"),
    accounts: accountsOf(evidence),
    units: unitsOf(evidence),
    money: moneyOf(evidence),
    list: listFigures(records),
    books: evidence.proof && booksFigures(evidence.proof),
    isReadAhead: evidence.isReadAhead,
    log: evidence.log && logFigures(evidence.log),
    lost: countBreaches(breaches, "lost"),
    duplicates: countBreaches(breaches, "duplicate"),
    certainInversions: countBreaches(breaches, "order"),
    kendallDistance: tau,
    discordantPairs: discordant,
    secondsToSellOut: secondsToSellOut(evidence),
    ends: countEnds(records),
    sockets: socketFigures(records),
    objects: summary.objects ?? null,
    faults: null,
    breaches,
  };
}

/** The report as text, to be printed as it is. */
export function renderReport(figures: FloodFigures): string {
  return [
    "",
    ...renderCalls(figures.calls),
    "",
    ...renderFigures(figures),
    ...renderObjects(figures),
    ...renderStages(figures.stages),
    "",
    ...renderVerdict(figures.breaches),
  ].join("\n");
}

function purchasesPerCommit({ summary }: Evidence): number | null {
  const skus = summary.objects?.skus ?? [];
  const commands = skus.reduce((sum, sku) => sum + (sku.commands ?? 0), 0);
  const commits = skus.reduce((sum, sku) => sum + (sku.commits ?? 0), 0);
  return commits === 0 ? null : commands / commits;
}

/** From the first join to the confirmation of the last unit; null when units are left. */
function secondsToSellOut({ sale, ledger, records, summary }: Evidence): number | null {
  if ((ledger.at(-1)?.sold ?? 0) < sale.stock) return null;
  let startMs = Number.POSITIVE_INFINITY;
  for (const place of firstPlaces(records)) startMs = Math.min(startMs, place.firstSentAtMs);
  const lastSale = ledger.findLast((row) => row.type === "confirmed")?.at;
  const soldOutAt = summary.soldOutAt ?? lastSale;
  const seconds = soldOutAt === undefined ? Number.NaN : (Date.parse(soldOutAt) - startMs) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}

function renderCalls(calls: readonly CallFigures[]): string[] {
  const rows = calls
    .filter((call) => call.kind !== "admin")
    .map((call) => [
      call.kind,
      whole(call.count),
      call.p50Ms.toFixed(1),
      call.p95Ms.toFixed(1),
      call.p99Ms.toFixed(1),
      call.maxMs.toFixed(1),
      Object.entries(call.byStatus)
        .map(([status, count]) => `${status} x ${whole(count)}`)
        .join(", "),
    ]);
  const header = ["call", "count", "p50 ms", "p95 ms", "p99 ms", "max ms", "answers"];
  return renderTable([header, ...rows], [0, 6]);
}

function renderFigures(figures: FloodFigures): string[] {
  const { shoppers, stock, capacity, seconds } = figures;
  const pairs = whole(figures.discordantPairs);
  const troubles = [
    `${whole(figures.lostConnections)} connections lost`,
    `${whole(figures.busy)} busy`,
    `${whole(figures.rateLimited)} rate limited`,
    `${whole(figures.serverErrors)} server errors`,
  ];
  return renderTable(
    [
      ["shoppers", `${whole(shoppers)} (${renderEnds(figures.ends)})`],
      [
        "requests/s",
        `${whole(figures.busiestSecond)} in the busiest second, ${whole(figures.requestsPerSecond)} on average (${whole(figures.requests)} in ${seconds.toFixed(1)} s)`,
      ],
      ["repeated", troubles.join(", ")],
      ["sockets", renderSockets(figures.sockets)],
      ["purchases a commit", known(figures.purchasesPerCommit, (value) => value.toFixed(1))],
      [
        "peak inside",
        `${known(figures.peakInside, whole)} of ${whole(capacity)} (seen by shoppers: ${whole(figures.peakSeenInside)})`,
      ],
      ["who waited", `${(figures.shareWhoWaited * 100).toFixed(1)} percent`],
      ["sold", `${whole(figures.sold)} of ${whole(stock)}`],
      ["oversold", whole(figures.oversold)],
      ...renderMoney(figures.money),
      ...renderList(figures.list),
      ...renderBooks(figures.books, figures.objects?.skus ?? []),
      ...(figures.isReadAhead ? [READ_AHEAD] : []),
      ...renderLog(figures),
      ["acknowledged", renderAccounts(figures.accounts)],
      ["lost", whole(figures.lost)],
      ["duplicates", whole(figures.duplicates)],
      ["certain inversions", whole(figures.certainInversions)],
      ["tau distance", `${figures.kendallDistance.toFixed(6)} (${pairs} pairs out of order)`],
      ...renderFaults(figures.faults),
      ["time to sell out", known(figures.secondsToSellOut, (value) => `${value.toFixed(1)} s`)],
    ],
    [0, 1],
  );
}

function renderList({ bought, joined, letGo, offered, waitedInVain }: ListFigures): string[][] {
  if (joined === 0) return [];
  const figures = `${whole(joined)} joined: ${whole(offered)} were offered a unit, of whom ${whole(bought)} bought and ${whole(letGo)} let it go; ${whole(waitedInVain)} waited until all was sold`;
  return [["waiting list", figures]];
}

/** The line's public log, as whoever downloads it finds it. */
function renderLog({ breaches, log }: FloodFigures): string[][] {
  if (log === null) return [];
  const { entries, head, joined, receipts } = log;
  const verdict = countBreaches(breaches, "log") === 0 ? "verifies" : "DOES NOT VERIFY";
  return [
    [
      "the line's log",
      `${verdict}: ${whole(entries)} entries, ${whole(joined)} of them joins, head ${head}; ${whole(receipts)} receipts held against it`,
    ],
  ];
}

/** Both books, in units of the currency. */
function renderMoney({ currency, onDelivery, ours, sandbox }: Money): [string, string][] {
  const sum = (minor: number): string => whole(minor / MINOR_UNITS);
  const { captured, confirmed, refunded } = ours;
  const delivery = onDelivery === 0 ? "" : `; ${whole(onDelivery)} units paid on delivery`;
  const states = Object.entries(sandbox?.byState ?? {}).toSorted(([one], [other]) =>
    one.localeCompare(other),
  );
  return [
    [
      "money, our books",
      `${currency} ${sum(captured)} captured = ${sum(confirmed)} confirmed by card + ${sum(refunded)} refunded${delivery}`,
    ],
    [
      "money, the sandbox's",
      sandbox === null
        ? "not said"
        : `${currency} ${sum(sandbox.captured)} captured, ${sum(sandbox.refunded)} refunded; payments: ${states.map(([state, count]) => `${whole(count)} ${state}`).join(", ")}`,
    ],
  ];
}

function renderSockets(sockets: SocketFigures): string {
  const { boards, claimsTooSoon, lost, opened, refused, shoppers } = sockets;
  return [
    `${whole(opened)} opened for ${whole(shoppers)} shoppers`,
    `${whole(refused)} refused`,
    `${whole(lost)} lost`,
    `${whole(boards)} boards heard`,
    `${whole(claimsTooSoon)} claims answered by an older board`,
  ].join(", ");
}

function renderObjects({ objects }: FloodFigures): string[] {
  if (objects === null) return [];
  const rows = (objects.skus ?? []).map((sku) => [
    "calls to the sku",
    `${renderCounts(sku.calls)}; ${known(sku.commands ?? null, whole)} commands in ${known(sku.commits ?? null, whole)} commits`,
  ]);
  rows.push(["calls to the sequencer", renderCounts(objects.sequencer?.calls)]);
  rows.push(["calls to the lanes", renderCounts(objects.lanes?.calls)]);
  if (objects.intakes) rows.push(["calls to the intakes", renderCounts(objects.intakes.calls)]);
  return renderTable(rows, [0, 1]);
}

function renderCounts(counts: Record<string, number> | number | undefined): string {
  if (counts === undefined) return "not said";
  if (typeof counts === "number") return whole(counts);
  const kinds = Object.entries(counts).map(([kind, count]) => `${kind} ${whole(count)}`);
  return kinds.length === 0 ? "none" : kinds.join(", ");
}

function renderEnds(ends: FloodFigures["ends"]): string {
  return Object.entries(ends)
    .map(([end, count]) => `${whole(count)} ${end.replaceAll("_", " ")}`)
    .join(", ");
}

/** The last lines: every promise that was broken, or that none was. */
export function renderVerdict(breaches: readonly Breach[]): string[] {
  if (breaches.length === 0) return ["Every promise was kept."];
  return breaches.flatMap(({ promise, count, examples }) => [
    `BROKEN: ${promise} (${whole(count)})`,
    ...examples.map((example) => `        ${example}`),
  ]);
}
