import { sql } from "drizzle-orm";
import { eventId, saleChain, saleIdOf } from "../../../domain/books/chain.ts";
import type { DueMessage } from "../../../domain/messages/message.ts";
import type { TrailEntry } from "../../../domain/books/trail.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { isTrailPage } from "../consumers/messages.ts";
import { database } from "../database.ts";
import { findSale } from "../sales.ts";
import { sendDue, sendReminderStep, type MessageQueues, type ReminderStep } from "./send-due.ts";

/** Reminders of one sale: each is a row, and a message at a moment when the database has most to do. */
export const REMINDERS_MAX = 1_000_000;
/** Reminders of one step: some ten milliseconds of D1, which others wait for. */
const STEP_ROWS = 1_000;
/** Sales of one round of the minute: the next goes on. */
const SALES_MAX = 100;
/**
 * So long the sweep leaves these messages to their queue: a million of them take some minutes there, and what
 * is short-lived must not wait behind them.
 */
const PATIENCE_MS = 600_000;

const FIND = "SELECT 1 FROM reminder WHERE sale_id = ?1 AND shopper = ?2";

const ADD = `
  INSERT INTO reminder (sale_id, shopper, created_at_ms)
  SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
    SELECT 1 FROM reminder_count
    WHERE sale_id = ?1 AND (reminders >= ?4 OR told_at_ms IS NOT NULL)
  ) ON CONFLICT DO NOTHING`;

const TOLD = "SELECT told_at_ms AS toldAtMs FROM reminder_count WHERE sale_id = ?1";

/** The reminders of one step: the same for both statements that go by them. */
const NEXT = `
  FROM reminder WHERE sale_id = ?1 AND told_at_ms IS NULL ORDER BY shopper LIMIT ?2`;

const TELL = `
  INSERT INTO message
    (event_id, shopper, kind, priority, sale_id, created_at_ms, facts, next_at_ms)
  SELECT ?3, shopper, 'sale_started', 'low', sale_id, ?4, '{}', ?5 ${NEXT}
  ON CONFLICT DO NOTHING`;

const MARK = `
  UPDATE reminder SET told_at_ms = ?3
  WHERE sale_id = ?1 AND shopper IN (SELECT shopper ${NEXT}) RETURNING shopper`;

const FINISH = `
  UPDATE reminder_count SET told_at_ms = ?2 WHERE sale_id = ?1
  AND NOT EXISTS (SELECT 1 FROM reminder WHERE sale_id = ?1 AND told_at_ms IS NULL)`;

type Database = Pick<PurchaseEnv, "DB">;

/** Notes that a shopper is to be told when the sale starts; a repeat changes nothing. */
export async function remind(
  env: PurchaseEnv,
  saleId: string,
  shopper: string,
  nowMs: number,
): Promise<{ ok: true; isNew: boolean } | Refusal> {
  const sale = await findSale(env, saleId);
  if (!sale || sale.control.mode === "draft") return refuse("not_found");
  const { mode, startsAtMs, endsAtMs } = sale.control;
  if (mode === "ended" || nowMs >= endsAtMs) return refuse("sale_ended");
  if (nowMs >= startsAtMs) return started();
  const { DB } = env;
  const isThere = DB.prepare(FIND).bind(saleId, shopper);
  const [before, , after, told] = await DB.batch<{ toldAtMs: number | null }>([
    isThere,
    DB.prepare(ADD).bind(saleId, shopper, nowMs, REMINDERS_MAX),
    isThere,
    DB.prepare(TOLD).bind(saleId),
  ]);
  if (after?.results.length) return { ok: true, isNew: before?.results.length === 0 };
  if ((told?.results[0]?.toldAtMs ?? null) !== null) return started();
  const detail = `No more than ${REMINDERS_MAX} shoppers can be reminded of a sale.`;
  return refuse("limit_reached", { limit: REMINDERS_MAX, detail });
}

/** Forgets that a shopper asked to be told; one who did not is forgotten as well. */
export async function forgetReminder(
  env: Database,
  saleId: string,
  shopper: string,
): Promise<void> {
  await database(env).run(sql`
    DELETE FROM reminder
    WHERE sale_id = ${saleId} AND shopper = ${shopper} AND told_at_ms IS NULL`);
}

/**
 * Writes the messages of the next reminders of a sale that has started, sends them, and asks for the step
 * after it. Rows are marked by the transaction that writes their messages: each is told once.
 */
export async function tellReminders(
  env: Database & MessageQueues,
  step: ReminderStep,
  runtime: Pick<Runtime, "now">,
): Promise<void> {
  const { saleId, eventId, atMs } = step;
  const nowMs = runtime.now();
  const { DB } = env;
  const [, told] = await DB.batch<{ shopper: string }>([
    DB.prepare(TELL).bind(saleId, STEP_ROWS, eventId, atMs, nowMs + PATIENCE_MS),
    DB.prepare(MARK).bind(saleId, STEP_ROWS, nowMs),
    DB.prepare(FINISH).bind(saleId, nowMs),
  ]);
  const shoppers = told?.results ?? [];
  const due = shoppers.map(({ shopper }): DueMessage => ({ eventId, shopper, priority: "low" }));
  await sendDue(env, due);
  if (shoppers.length === STEP_ROWS) await sendReminderStep(env, step);
}

/** Begins with the reminders of the sales that start by these pages of the books. */
export async function startReminders(env: MessageQueues, batch: MessageBatch): Promise<void> {
  for (const { body } of batch.messages) {
    if (!isTrailPage(body)) continue;
    const { chain, fromSequence, entries } = body;
    const saleId = saleIdOf(chain);
    if (saleId === null) continue;
    // What an entry is, nobody has looked at yet.
    const index = entries.findIndex((entry: TrailEntry | null) => entry?.type === "started");
    const atMs = entries[index]?.atMs;
    if (atMs === undefined) continue;
    await sendReminderStep(env, { saleId, eventId: eventId(chain, fromSequence + index), atMs });
  }
}

/**
 * Begins, or goes on, with the reminders of sales whose trail says that they have started: each minute, for
 * the case that a step was lost.
 */
export async function remindDue(env: Database & MessageQueues): Promise<void> {
  const started = await database(env).all<{ saleId: string; sequence: number; atMs: number }>(sql`
    SELECT reminder_count.sale_id AS saleId, min(entry.sequence) AS sequence, entry.at_ms AS atMs
    FROM reminder_count
    CROSS JOIN audit_entry AS entry ON entry.chain = ${saleChain("")} || reminder_count.sale_id
    WHERE reminder_count.told_at_ms IS NULL AND reminder_count.reminders > 0
      AND entry.type = 'started'
    GROUP BY reminder_count.sale_id LIMIT ${SALES_MAX}`);
  for (const { saleId, sequence, atMs } of started)
    await sendReminderStep(env, { saleId, eventId: eventId(saleChain(saleId), sequence), atMs });
}

function started(): Refusal {
  const detail = "The sale has started: there is nothing to wait for.";
  return refuse("order_state_conflict", { detail });
}
