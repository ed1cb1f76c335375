import { getTableColumns, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { attentionItems } from "../../../d1/schema.ts";
import { rowsOf } from "../database.ts";

/** A row as it is named to a person: parts of its key are separated by a blank. */
export interface NamedRow {
  table: string;
  key: string;
}

/** What needs a person. */
export interface Finding {
  /** The same finding has the same one: letters, digits, `_`, `-` and `.`, since it stands in addresses. */
  itemId: string;
  kind: string;
  saleId: string | null;
  sku: string | null;
  rows: NamedRow[];
  detail: string;
}

/** Puts findings before a person. One that was there before is only seen again: who has resolved it, has. */
export function noteFindings(db: DrizzleD1Database, findings: readonly Finding[], nowMs: number) {
  const rows = findings.map((finding) => ({
    ...finding,
    rows: JSON.stringify(finding.rows),
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
  }));
  return db
    .insert(attentionItems)
    .select(rowsOf(rows, Object.keys(getTableColumns(attentionItems))))
    .onConflictDoUpdate({
      target: attentionItems.itemId,
      set: { lastSeenAtMs: sql`excluded.last_seen_at_ms` },
    });
}
