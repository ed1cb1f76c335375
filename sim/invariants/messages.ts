import { toldOf } from "../../bench/messages-due.ts";
import type { Witness } from "../sale/witness.ts";
import type { World } from "../sale/world.ts";
import { startOf } from "./chains.ts";
import type { Violate } from "./item.ts";
import { rowOf, rowsOf } from "./tables.ts";

interface MessageRow {
  eventId: string;
  shopper: string;
  kind: string;
}

/** What is still to be delivered, as a sentence; `null` when nothing. */
export function undelivered(world: World): string | null {
  const { database } = world.database;
  const due = rowOf<{ count: number }>(
    database,
    "SELECT count(*) AS count FROM message WHERE state <> 'sent'",
  );
  if (due && due.count > 0) return `${due.count} messages are not sent`;
  const untold = rowOf<{ count: number }>(
    database,
    "SELECT count(*) AS count FROM reminder WHERE told_at_ms IS NULL",
  );
  if (untold && untold.count > 0 && startOf(world) !== null)
    return `${untold.count} reminders are not told`;
  return null;
}

/** Each shopper has exactly the messages that are due: no more, no fewer, each once in the mailbox. */
export function checkMessages(world: World, witness: Witness, violate: Violate): void {
  const { database } = world.database;
  const columns = "event_id AS eventId, shopper, kind";
  const noted = new Set(rowsOf<MessageRow>(database, `SELECT ${columns} FROM message`).map(nameOf));
  const mailed = rowsOf<MessageRow>(database, `SELECT ${columns} FROM notification`).map(nameOf);
  const due = new Set([...ofItems(world), ...ofReminders(world, witness, noted)].map(nameOf));
  const lacking = [...due].find((name) => !noted.has(name));
  if (lacking !== undefined) violate("message.due", `nobody writes ${lacking}`);
  const surplus = [...noted].find((name) => !due.has(name));
  if (surplus !== undefined) violate("message.due", `${surplus} is written and was not due`);
  const mailbox = new Set(mailed);
  const missing = [...due].find((name) => !mailbox.has(name));
  if (missing !== undefined) violate("message.delivered", `${missing} is not in the mailbox`);
  if (mailed.length !== due.size)
    violate("message.delivered", `${mailed.length} messages came of ${due.size}`);
}

/** What the items' ledgers make due. */
function ofItems(world: World): MessageRow[] {
  return world.plan.items.flatMap(({ sku }) =>
    rowsOf<{ event: string }>(
      world.host("SKU", sku).storage.database,
      "SELECT event FROM ledger ORDER BY sequence",
    ).flatMap(({ event }): MessageRow[] => {
      const { type, sequence, order } = JSON.parse(event) as {
        type: string;
        sequence: number;
        order: { shopper: string } | null;
      };
      const kind = toldOf(type);
      if (kind === null || !order) return [];
      return [{ eventId: `item/${sku}/${sequence}`, shopper: order.shopper, kind }];
    }),
  );
}

/**
 * Whoever was told that they will be reminded is, once the sale has started. Who asked and never heard may be, or
 * not: as it is written.
 */
function ofReminders(world: World, witness: Witness, noted: ReadonlySet<string>): MessageRow[] {
  const eventId = startOf(world);
  if (eventId === null) return [];
  return [...witness.remindersAsked]
    .map((shopper) => ({ eventId, shopper, kind: "sale_started" }))
    .filter((row) => witness.reminders.has(row.shopper) || noted.has(nameOf(row)));
}

function nameOf({ eventId, shopper, kind }: MessageRow): string {
  return `${eventId} ${shopper} ${kind}`;
}
