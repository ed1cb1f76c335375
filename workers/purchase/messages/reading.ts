import { and, desc, eq, sql } from "drizzle-orm";
import { notifications } from "../../../d1/schema.ts";
import type { MessageKind, MessagePriority, MessageRef } from "../../../domain/messages/message.ts";
import { database } from "../database.ts";
import { isBehind, pageOf, readCursor, writeCursor, type Page } from "../page.ts";

/** Rows that one page of staff's list looks at, at the most: the table has no index for it, which all writes would pay. */
const WINDOW_ROWS = 20_000;

/** A message in a shopper's mailbox. */
export type Notification = typeof notifications.$inferSelect;

/** What became of a message, as staff see it. */
export interface MessageRow extends MessageRef {
  /** Where it stands in the order of writing. */
  place: number;
  kind: MessageKind;
  priority: MessagePriority;
  saleId: string;
  orderId: string | null;
  state: "due" | "sent" | "dead";
  attempts: number;
  createdAtMs: number;
  sentAtMs: number | null;
  error: string | null;
}

/** Which messages staff ask for. */
export interface MessageFilter {
  saleId: string | null;
  state: MessageRow["state"] | null;
}

type Database = Pick<PurchaseEnv, "DB">;

/** A shopper's messages, newest first; all, or those about one order. */
export async function notificationsOf(
  env: Database,
  shopper: string,
  orderId: string | null,
  cursor: string | null,
  limit: number,
): Promise<Page<Notification>> {
  const { atMs, eventId, shopper: owner, orderId: about } = notifications;
  const rows = await database(env)
    .select()
    .from(notifications)
    .where(
      and(
        eq(owner, shopper),
        orderId === null ? undefined : eq(about, orderId),
        isBehind(atMs, eventId, cursor),
      ),
    )
    .orderBy(desc(atMs), desc(eventId))
    .limit(limit + 1);
  return pageOf(rows, limit, ({ atMs: at, eventId: name }) => ({ at, name }));
}

/**
 * What was to be told, the latest written first. A page looks at a bounded number of rows: one with few or no
 * rows and a cursor says that there may be more.
 */
export async function allMessages(
  env: Database,
  { saleId, state }: MessageFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<MessageRow>> {
  const before = readCursor(cursor)?.at ?? Number.MAX_SAFE_INTEGER;
  const db = database(env);
  const rows = await db.all<MessageRow>(sql`
    SELECT place, event_id AS eventId, shopper, kind, priority, sale_id AS saleId, order_id AS orderId,
      state, attempts, created_at_ms AS createdAtMs, sent_at_ms AS sentAtMs, error
    FROM (
      SELECT rowid AS place, * FROM message WHERE rowid < ${before}
      ORDER BY rowid DESC LIMIT ${WINDOW_ROWS}
    )
    WHERE ${saleId === null ? sql`true` : sql`sale_id = ${saleId}`}
      AND ${state === null ? sql`true` : sql`state = ${state}`}
    ORDER BY place DESC LIMIT ${limit + 1}`);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isCut = rows.length > limit && last !== undefined;
  const next = isCut ? last.place : await endOfWindow(env, before);
  return {
    rows: page,
    cursor: next === null ? null : writeCursor({ at: next, name: "rows" }),
  };
}

/** The last place of a whole window; `null` when nothing is behind it. */
async function endOfWindow(env: Database, before: number): Promise<number | null> {
  const [last] = await database(env).all<{ place: number }>(sql`
    SELECT rowid AS place FROM message WHERE rowid < ${before}
    ORDER BY rowid DESC LIMIT 1 OFFSET ${WINDOW_ROWS - 1}`);
  return last?.place ?? null;
}
