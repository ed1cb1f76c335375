import { sql } from "drizzle-orm";
import { sales } from "../../../d1/schema.ts";
import type { MessageNames } from "../../../domain/messages/text.ts";
import type { SaleDefinition } from "../../../domain/purchase/sale.ts";
import { WordedRead, words } from "../database.ts";
import { outgoingMessage, type MailTable, type OutgoingMessage } from "./adapter.ts";
import type { NewMessageRow } from "./outbox.ts";

const SALES = new WordedRead(
  sales,
  words
    .select()
    .from(sales)
    .where(sql`sale_id IN (SELECT value FROM json_each(${sql.placeholder("saleIds")}))`),
);

/** New messages, apart by their way. */
export interface SortedMessages {
  /** To be written as due: their queue brings them. */
  due: NewMessageRow[];
  /** To be written as sent, in the transaction that delivers `mail`. */
  sent: NewMessageRow[];
  /** The same with their texts. */
  mail: OutgoingMessage[];
}

/** Sorts out which new messages a table of this database can be given at once. What cannot be written goes by its queue. */
export async function sortMessages(
  db: D1Database,
  rows: readonly NewMessageRow[],
  table: MailTable | null,
  nowMs: number,
): Promise<SortedMessages> {
  const sorted: SortedMessages = { due: [], sent: [], mail: [] };
  const names = table && rows.length > 0 ? await namesOf(db, rows) : null;
  for (const row of rows) {
    const message = names && outgoing(row, names(row));
    if (!message || table?.takes(message) !== true) {
      sorted.due.push(row);
      continue;
    }
    sorted.sent.push(
      Object.assign(row, { state: "sent", attempts: 1, nextAtMs: nowMs, sentAtMs: nowMs } as const),
    );
    sorted.mail.push(message);
  }
  return sorted;
}

/** `null` where its text cannot be made. */
function outgoing(row: NewMessageRow, names: MessageNames): OutgoingMessage | null {
  try {
    return outgoingMessage({ ...row, atMs: row.createdAtMs, email: null }, row.facts, names);
  } catch {
    return null;
  }
}

/** What sales and items are called now. */
async function namesOf(
  db: D1Database,
  rows: readonly NewMessageRow[],
): Promise<(row: NewMessageRow) => MessageNames> {
  const saleIds = JSON.stringify([...new Set(rows.map(({ saleId }) => saleId))]);
  const found = await SALES.rows(db, { saleIds });
  const known = new Map<string, MessageNames>();
  for (const { saleId, definition } of found) {
    const { name, items = [] } = JSON.parse(definition) as Partial<SaleDefinition>;
    const saleName = name ?? saleId;
    known.set(saleId, { saleName, itemName: null });
    for (const item of items) known.set(`${saleId} ${item.sku}`, { saleName, itemName: item.name });
  }
  return ({ saleId, sku }) =>
    known.get(`${saleId} ${sku}`) ?? {
      saleName: known.get(saleId)?.saleName ?? saleId,
      itemName: sku,
    };
}
