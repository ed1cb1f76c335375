import type { BooksEvidence } from "./books-evidence.ts";
import type { SkuCounters } from "./contract.ts";
import { known, whole } from "./table.ts";

/** What the report says of the books; counts are what was compared. */
export interface BooksFigures {
  events: number;
  orders: number;
  payments: number;
  charges: number | null;
  differences: number;
  messages: number;
  /** Shoppers who had an order; everybody's messages are compared. */
  owners: number;
  /** Mailboxes that were read as their shoppers do. */
  mailboxes: number;
  chains: number;
  verifiedRows: number;
  findings: number;
  rebuiltRows: number;
  rebuiltDifferences: number;
}

/** Adds up what the books say. */
export function booksFigures(proof: BooksEvidence): BooksFigures {
  const { audit, mailboxes, rebuilt, reconciled, subjects, told } = proof;
  const sum = (count: "events" | "orders" | "payments"): number =>
    reconciled.reduce((total, { figures }) => total + figures[count], 0);
  const isProviderRead = reconciled.every(({ figures }) => figures.charges !== null);
  return {
    events: sum("events"),
    orders: sum("orders"),
    payments: sum("payments"),
    charges: isProviderRead
      ? reconciled.reduce((total, { figures }) => total + (figures.charges ?? 0), 0)
      : null,
    differences: reconciled.reduce((total, { count }) => total + count, 0),
    messages: told.length,
    owners: subjects.size,
    mailboxes: mailboxes.size,
    chains: audit.chains,
    verifiedRows: audit.rows,
    findings: audit.findings.length,
    rebuiltRows: rebuilt.rows,
    rebuiltDifferences: rebuilt.differences.length,
  };
}

/** The rows of the report; none where the books were not read. */
export function renderBooks(
  books: BooksFigures | null,
  skus: readonly SkuCounters[],
): [string, string][] {
  const delays = skus.flatMap(({ projection }) => (projection ? [renderDelay(projection)] : []));
  const rows: [string, string][] = delays.map((delay) => ["to the tables", delay]);
  if (books === null) return rows;
  const { events, orders, payments, charges } = books;
  const compared = `${whole(events)} events, ${whole(orders)} orders, ${whole(payments)} payments, ${known(charges, whole)} charges of the provider`;
  return [
    ...rows,
    ["books", `${compared}: ${found(books.differences, "no difference", "differences")}`],
    [
      "messages",
      `${whole(books.messages)} told to ${whole(books.owners)} shoppers, all compared in the lists of staff and of the reconciliation; ${whole(books.mailboxes)} mailboxes read by their shoppers`,
    ],
    [
      "history",
      `${whole(books.chains)} chains, ${whole(books.verifiedRows)} rows verified: ${found(books.findings, "nothing found", "findings")}`,
    ],
    [
      "rebuilt",
      `from ${whole(books.rebuiltRows)} rows of chains: ${found(books.rebuiltDifferences, "equal, row by row", "differences")}`,
    ],
  ];
}

function renderDelay({
  events,
  maxMs,
  p50Ms,
  p99Ms,
}: NonNullable<SkuCounters["projection"]>): string {
  return `p50 ${whole(p50Ms)} ms, p99 ${whole(p99Ms)} ms (2,000 promised), at most ${whole(maxMs)} ms after the event; ${whole(events)} events`;
}

function found(count: number, none: string, some: string): string {
  return count === 0 ? none : `${whole(count)} ${some}`;
}
