import { and, between, isNull, sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { attentionItems, auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import type { TrailPage } from "../../../domain/books/trail.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import { Wording, words } from "../database.ts";
import { itemIdOf, type Finding } from "./attention.ts";
import { extentOf } from "./reading.ts";

/** What an item of the attention list is called that names a page which cannot be written. */
const KIND = "unwritable_page";

/** A page that failed at every try; its rows are named together, as in `phone-1 3-5`. */
export function unwritablePage(page: LedgerPage | TrailPage, detail: string): Finding {
  const { chain, fromSequence, throughSequence } = extentOf(page);
  const [saleId, sku] = "sku" in page ? [page.saleId, page.sku] : [null, null];
  const table = sku === null ? "audit_entry" : "ledger_event";
  const rows = [{ table, key: `${sku ?? chain} ${fromSequence}-${throughSequence}` }];
  const itemId = itemIdOf(KIND, `${chain}/${fromSequence}`);
  return { itemId, kind: KIND, saleId, sku, rows, detail };
}

const RESOLVE = wordResolving();

/**
 * Resolves what names such a page once its table has all of it, whoever has brought that: owners send again what is
 * missing, in pages of other lengths. It belongs into every transaction that writes rows or names a page.
 */
export function resolveWritten(db: D1Database, nowMs: number): D1PreparedStatement {
  return RESOLVE.with(db, { nowMs });
}

function wordResolving(): Wording {
  const { itemId, resolvedAtMs, rows } = attentionItems;
  const table = sql`${rows} ->> '$[0].table'`;
  const key = sql`${rows} ->> '$[0].key'`;
  const name = sql`substr(${key}, 1, instr(${key}, ' ') - 1)`;
  const span = sql`substr(${key}, instr(${key}, ' ') + 1)`;
  const first = sql`CAST(${span} AS INTEGER)`;
  const last = sql`CAST(substr(${span}, instr(${span}, '-') + 1) AS INTEGER)`;
  const written = (owner: SQLiteColumn): SQL =>
    sql`(SELECT count(*) FROM ${owner.table} WHERE ${owner} = ${name} AND sequence BETWEEN ${first} AND ${last})`;
  const query = words
    .update(attentionItems)
    .set({
      resolvedAtMs: sql`${sql.placeholder("nowMs")}`,
      resolvedBy: "system:projection",
      note: "The page is written.",
    })
    .where(
      and(
        between(itemId, `${KIND}-`, `${KIND}.`),
        isNull(resolvedAtMs),
        sql`1 + ${last} - ${first} = CASE ${table}
          WHEN 'ledger_event' THEN ${written(ledgerEvents.sku)} ELSE ${written(auditEntries.chain)} END`,
      ),
    );
  return new Wording(query);
}
