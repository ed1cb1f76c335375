import { sql } from "drizzle-orm";
import type { DueMessage, MessageKind, MessageRef } from "../../../domain/messages/message.ts";
import { sha256Hex } from "../../../domain/hash.ts";
import { database } from "../database.ts";
import { sendDue, type MessageQueues } from "./send-due.ts";

/*
 * The table `message`, as deliveries see it: which are due, and what became of them. References travel as one
 * JSON parameter. `CROSS JOIN` and the plus signs have SQLite look rows up by their key: by the index of what is
 * due it would read all of that for each batch.
 */

/** Tries after which a message that its queue has given up is dead; the queue makes as many. */
export const TRIES_MAX = 11;

/** After how many there are, and before why. */
const DEAD = ` not delivered in ${TRIES_MAX} tries: `;

const DEAD_ROWS = `
  message.event_id = ref.value ->> '$.eventId' AND message.shopper = ref.value ->> '$.shopper'
    AND +message.state = 'due' AND message.attempts >= ?2`;

const ATTEND = `
  INSERT INTO attention_item (item_id, kind, sale_id, rows, detail, created_at_ms, last_seen_at_ms)
  SELECT ?3 || '-' || message.sale_id, 'message_dead', message.sale_id,
    json_group_array(json_object(
      'table', 'message', 'key', message.event_id || ' ' || message.shopper
    )),
    count(*) || ?4 || max(coalesce(message.error, 'unknown')), ?5, ?5
  FROM json_each(?1) AS ref CROSS JOIN message ON ${DEAD_ROWS}
  WHERE true GROUP BY message.sale_id
  ON CONFLICT (item_id) DO UPDATE SET rows = excluded.rows, detail = excluded.detail,
    last_seen_at_ms = excluded.last_seen_at_ms, resolved_at_ms = NULL, resolved_by = NULL, note = NULL`;

/** An item names a row by its key: event and shopper, with a blank between. */
const REVIVE = `
  UPDATE message SET state = 'due', attempts = 0, next_at_ms = ?2, error = NULL
  FROM (
    SELECT row.value ->> '$.key' AS key FROM attention_item, json_each(attention_item.rows) AS row
    WHERE item_id = ?1 AND kind = 'message_dead'
  ) AS named
  WHERE message.event_id = substr(named.key, 1, instr(named.key, ' ') - 1)
    AND message.shopper = substr(named.key, instr(named.key, ' ') + 1) AND +message.state = 'dead'
  RETURNING event_id AS eventId, message.shopper AS shopper, priority`;

const BURY = `
  UPDATE message SET state = 'dead' FROM json_each(?1) AS ref WHERE ${DEAD_ROWS}
  RETURNING event_id`;

/** A row that is to be delivered, with the names that its text needs. */
export interface DueRow extends MessageRef {
  kind: MessageKind;
  saleId: string;
  orderId: string | null;
  atMs: number;
  facts: string;
  /** Tries that failed before. */
  attempts: number;
  saleName: string;
  itemName: string | null;
  email: string | null;
}

/** What became of a row. */
export interface Outcome extends MessageRef {
  /** `due`: it failed and is tried again at `nextAtMs`. */
  state: "sent" | "due";
  nextAtMs: number;
  sentAtMs: number | null;
  error: string | null;
}

type Database = Pick<PurchaseEnv, "DB">;

/** Those of the messages that are due, with what their text is made of. */
export async function readDue(env: Database, refs: readonly MessageRef[]): Promise<DueRow[]> {
  if (refs.length === 0) return [];
  return database(env).all<DueRow>(sql`
    SELECT message.event_id AS eventId, message.shopper AS shopper, message.kind AS kind,
      message.sale_id AS saleId, message.order_id AS orderId, message.created_at_ms AS atMs,
      message.facts AS facts, message.attempts AS attempts, contact.email AS email,
      coalesce(sale.definition ->> '$.name', message.sale_id) AS saleName,
      coalesce((
        SELECT item.value ->> '$.name' FROM json_each(sale.definition, '$.items') AS item
        WHERE item.value ->> '$.sku' = message.sku
      ), message.sku) AS itemName
    FROM json_each(${JSON.stringify(refs)}) AS ref
    CROSS JOIN message ON message.event_id = ref.value ->> '$.eventId'
      AND message.shopper = ref.value ->> '$.shopper'
    LEFT JOIN sale ON sale.sale_id = message.sale_id
    LEFT JOIN contact ON contact.shopper = message.shopper
    WHERE +message.state = 'due'`);
}

/** Writes down what became of a batch. A row that another try has delivered meanwhile stays delivered. */
export async function markTried(env: Database, outcomes: readonly Outcome[]): Promise<void> {
  await database(env).run(sql`
    UPDATE message SET
      state = tried.value ->> '$.state',
      attempts = attempts + 1,
      next_at_ms = tried.value ->> '$.nextAtMs',
      sent_at_ms = tried.value ->> '$.sentAtMs',
      error = tried.value ->> '$.error'
    FROM json_each(${JSON.stringify(outcomes)}) AS tried
    WHERE message.event_id = tried.value ->> '$.eventId'
      AND message.shopper = tried.value ->> '$.shopper' AND +message.state = 'due'`);
}

/**
 * Marks those dead that have failed at every try, and puts them before a person: one item a sale and batch,
 * which names its rows, in the same transaction. Those that failed less often were given up while the
 * database was away: they stay due, for the sweep. Gives how many are dead now.
 */
export async function markDead(
  env: Database,
  refs: readonly MessageRef[],
  nowMs: number,
): Promise<number> {
  const listed = JSON.stringify(refs);
  const itemId = `message_dead-${sha256Hex(listed).slice(0, 32)}`;
  const [, dead] = await env.DB.batch([
    env.DB.prepare(ATTEND).bind(listed, TRIES_MAX, itemId, DEAD, nowMs),
    env.DB.prepare(BURY).bind(listed, TRIES_MAX),
  ]);
  return dead?.results.length ?? 0;
}

/**
 * Makes those due anew that an attention item of kind `message_dead` names, with all their tries before them,
 * and sends them; how many they are. For when what they failed at is put right.
 */
export async function reviveDead(
  env: Database & MessageQueues,
  itemId: string,
  nowMs: number,
): Promise<number> {
  const { results } = await env.DB.prepare(REVIVE).bind(itemId, nowMs).all<DueMessage>();
  await sendDue(env, results);
  return results.length;
}

/**
 * The messages that have been due longest, at most `limit`, of those due since before `beforeMs`. They are put
 * off to `leasedToMs`: one that is lost again is found after that.
 */
export function leaseDue(
  env: Database,
  beforeMs: number,
  leasedToMs: number,
  limit: number,
): Promise<DueMessage[]> {
  return database(env).all<DueMessage>(sql`
    UPDATE message SET next_at_ms = ${leasedToMs}
    WHERE rowid IN (
      SELECT rowid FROM message WHERE state = 'due' AND next_at_ms <= ${beforeMs}
      ORDER BY next_at_ms LIMIT ${limit}
    )
    RETURNING event_id AS eventId, shopper, priority`);
}
