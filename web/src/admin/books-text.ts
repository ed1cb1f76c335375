/** The books in words. No page in here. */
import { differenceText } from "../../../domain/books/reconcile-text.ts";
import { formatMoment, formatMoney, formatNumber } from "../format.ts";
import type {
  AttentionItem,
  Compared,
  ComparedNow,
  HistoryRow,
  Verified,
} from "./books-contract.ts";

/** What the columns of the table are called. */
export const BOOKS_HEADINGS = [
  "Article",
  "Compared",
  "Events",
  "Orders",
  "Payments",
  "Messages",
  "Captured",
  "Confirmed",
  "Refunded",
  "In flight",
] as const;

/** The figures of an article, one a column after the second. */
export function figureTexts({ figures }: Compared): string[] {
  const { events, orders, payments, messages, money } = figures;
  const sum = (amount: number): string =>
    money.currency === null ? "–" : formatMoney({ amount, currency: money.currency });
  return [
    ...[events, orders, payments, messages].map(formatNumber),
    sum(money.captured),
    sum(money.confirmed),
    sum(money.refunded),
    sum(money.inFlight),
  ];
}

/** How an article came out: `clean`, or how many differences. */
export function outcomeText({ count }: Pick<Compared, "count">): string {
  if (count === 0) return "clean";
  return count === 1 ? "1 difference" : `${formatNumber(count)} differences`;
}

/** What a comparison that was asked for has found, in sentences. */
export function comparedText(items: readonly ComparedNow[]): string {
  const count = items.reduce((sum, item) => sum + item.count, 0);
  const moving = items.reduce((sum, { figures }) => sum + figures.unsettled, 0);
  const left =
    moving === 0 ? "" : ` ${formatNumber(moving)} that moved meanwhile are compared next time.`;
  const articles = items.length === 1 ? "1 article" : `${formatNumber(items.length)} articles`;
  if (count === 0) {
    return `Compared ${articles}: events, orders, payments, the provider's books and messages agree.${left}`;
  }
  const [first] = items.flatMap(({ differences }) => differences);
  const told = first === undefined ? "" : ` ${differenceText(first)}`;
  return `Compared ${articles}: ${outcomeText({ count })}.${told}${left}`;
}

/** What the proof has come to so far. */
export function verifiedText(parts: readonly Verified[]): string {
  const chains = parts.reduce((sum, part) => sum + part.chains, 0);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const read = `${formatNumber(rows)} rows of ${formatNumber(chains)} chains`;
  const findings = parts.flatMap((part) => part.findings);
  const [first] = findings;
  if (first === undefined) return `The trail is whole: ${read} follow from each other.`;
  const others = findings.length === 1 ? "" : ` And ${formatNumber(findings.length - 1)} more.`;
  return `The trail is broken: ${first.chain}, row ${formatNumber(first.sequence)}: ${first.detail}${others}`;
}

/** What an item of the attention list is, as a heading. */
export function itemTitle({ kind, sku }: AttentionItem, saleName: string | null): string {
  const what = kind === "difference" ? "The books differ" : capital(kind.replaceAll("_", " "));
  const where = [sku, saleName].filter((part) => part !== undefined && part !== null);
  return where.length === 0 ? what : `${what}: ${where.join(", ")}`;
}

/** Since when, and whether it is still there. */
export function itemSeenText({ createdAt, lastSeenAt }: AttentionItem): string {
  return `Found ${formatMoment(createdAt)}, last seen ${formatMoment(lastSeenAt)}.`;
}

/** Who did it: `bea` for staff, `the clock` for the system, `a shopper`. */
export function actorText(actor: string | undefined): string {
  if (actor === undefined) return "not recorded";
  const [kind = "", ...name] = actor.split(":");
  if (kind === "staff") return name.join(":");
  return kind === "system" ? `the ${name.join(":").replaceAll("_", " ")}` : `a ${kind}`;
}

/** What was done: `Commanded: pause`. */
export function deedText({ type, action }: HistoryRow): string {
  const title = capital(type.replaceAll("_", " "));
  const parts = Object.entries(action)
    .filter(([, value]) => value !== null && typeof value !== "object")
    .map(([name, value]) => partText(name, value));
  return parts.length === 0 ? title : `${title}: ${parts.join(", ")}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function partText(name: string, value: unknown): string {
  if (name === "command") {
    return String(value);
  }
  return typeof value === "number" && name.endsWith(TIME)
    ? `${spaced(name.slice(0, -TIME.length))} ${formatMoment(new Date(value).toISOString())}`
    : `${spaced(name)} ${String(value)}`;
}

/** What the names of times end with. */
const TIME = "AtMs";

/** `newUsersPerMinute` as words. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
