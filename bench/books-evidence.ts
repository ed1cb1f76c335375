import { drill, type TableDifferences } from "../books/drill.ts";
import type { Shop } from "../books/shop.ts";
import { verifyShop } from "../books/verify.ts";
import type { Admin, FloodSale } from "./admin.ts";
import type { Clock } from "./clock.ts";
import type { LedgerRow } from "./contract.ts";
import type { AttentionItem, MessageTold, ReconciledItem } from "./contract-books.ts";
import type { Mail } from "./mailboxes.ts";
import { messagesDue } from "./messages-due.ts";

/** What the books of the system say of themselves when all is over. */
export interface BooksEvidence extends Mail {
  /** The sale's items, events against tables, provider and messages. */
  reconciled: ReconciledItem[];
  /** The sale's messages as staff see them. */
  told: MessageTold[];
  /** The chains, their copies in the tables, and the anchors. */
  audit: { chains: number; rows: number; findings: string[] };
  /** The tables against what the chains come to. */
  rebuilt: { rows: number; differences: string[] };
  /** What needs a person and is no payment. */
  items: AttentionItem[];
}

/** Where they are read. */
export interface BooksSources {
  admin: Admin;
  shop: Shop;
  readMail: () => Promise<Mail>;
  clock: Clock;
}

/**
 * Messages are sent this long after their events at most: one that met a database that was away comes
 * again after 30 seconds, or is swept within the minute.
 */
const MESSAGES_LONGEST_MS = 90_000;
const PAUSE_MS = 1_000;
/** A rebuild waits this long for what is on its way. */
const REBUILD_PAUSE_MS = 500;

/** The parts that may be read once nothing moves any more; the others compare everything and come last. */
export type BooksRead = Pick<BooksEvidence, "told" | "subjects" | "mailboxes" | "audit">;

/** Reads messages, once every one that is due has been sent or time is up, and verifies the chains. */
export async function readBooks(
  { admin, clock, readMail, shop }: BooksSources,
  sale: FloodSale,
  ledger: readonly LedgerRow[],
): Promise<BooksRead> {
  const due = messagesDue(sale.sku, ledger).size;
  const readMessages = async (): Promise<Omit<BooksRead, "audit">> => {
    const told = await messagesSent(admin, clock, sale, due);
    return { told, ...(await readMail()) };
  };
  // This process verifies rows while the system reads messages.
  const [messages, { chains, findings, rows }] = await Promise.all([
    readMessages(),
    verifyShop(shop),
  ]);
  return {
    ...messages,
    audit: {
      chains,
      rows,
      findings: findings.map(
        ({ chain, sequence, kind, seenBy, detail }) =>
          `${chain} ${sequence}: ${kind} (by the ${seenBy}): ${detail}`,
      ),
    },
  };
}

/** Compares the books with each other, and with tables made anew. */
export async function compareBooks(
  { admin, clock, shop }: BooksSources,
  { saleId }: FloodSale,
): Promise<Omit<BooksEvidence, keyof BooksRead>> {
  const reconciled = await admin.reconcile(saleId);
  const rebuilt = await drill(shop, false, () => clock.sleep(REBUILD_PAUSE_MS));
  return {
    reconciled,
    rebuilt: {
      rows: rebuilt.read,
      differences: rebuilt.found.tables.flatMap(differencesOf),
    },
    items: await admin.attentionItems(saleId),
  };
}

/** What differs in a table, and the rows that were named; nothing of one that is equal. */
function differencesOf(compared: TableDifferences): string[] {
  const { table, missing, surplus, different, named } = compared;
  if (missing + surplus + different === 0) return [];
  const counts = `${table}: ${missing} missing, ${surplus} surplus, ${different} different`;
  return [counts, ...named.map(({ verdict, key }) => `${table}: ${verdict} ${key}`)];
}

/** All messages of the sale, as soon as so many are there and sent, or time is up. */
async function messagesSent(
  admin: Admin,
  clock: Clock,
  { saleId }: FloodSale,
  due: number,
): Promise<MessageTold[]> {
  const untilMs = clock.nowMs() + MESSAGES_LONGEST_MS;
  for (;;) {
    const told = await admin.messages(saleId);
    if (isAllSent(told, due) || clock.nowMs() >= untilMs) return told;
    await clock.sleep(PAUSE_MS);
  }
}

function isAllSent(told: readonly MessageTold[], due: number): boolean {
  return told.length >= due && told.every(({ state }) => state === "sent");
}
