import { getTableColumns, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { attentionItems } from "../../../d1/schema.ts";
import { rowsOf } from "../database.ts";

/** Errors and what is wrong with a row are told this far. */
const DETAIL_MAX_CHARACTERS = 1_000;

/** A row as it is named to a person: parts of its key are separated by a blank. */
export interface NamedRow {
  table: string;
  key: string;
}

/** What needs a person. */
export interface Finding {
  /** As `itemIdOf` makes it. */
  itemId: string;
  kind: string;
  saleId: string | null;
  sku: string | null;
  rows: NamedRow[];
  detail: string;
}

/** The same finding has the same id, which may stand in an address. */
export function itemIdOf(kind: string, about: string): string {
  return `${kind}-${about.replaceAll("/", ".")}`;
}

/** Puts findings before a person. One that was there before is only seen again: who has resolved it, has. */
export function noteFindings(db: DrizzleD1Database, findings: readonly Finding[], nowMs: number) {
  const cut = findings.map((finding) => ({
    ...finding,
    detail: finding.detail.slice(0, DETAIL_MAX_CHARACTERS),
  }));
  return insert(db, cut, nowMs).onConflictDoUpdate({
    target: attentionItems.itemId,
    set: { lastSeenAtMs: sql`excluded.last_seen_at_ms` },
  });
}

/** Opens an item for each finding, anew where a person has resolved it, or says of one that is open how it is now. */
export function openFindings(db: DrizzleD1Database, findings: readonly Finding[], nowMs: number) {
  return insert(db, findings, nowMs).onConflictDoUpdate({
    target: attentionItems.itemId,
    set: {
      rows: sql`excluded.rows`,
      detail: sql`excluded.detail`,
      lastSeenAtMs: nowMs,
      createdAtMs: sql`CASE WHEN ${attentionItems.resolvedAtMs} IS NULL
        THEN ${attentionItems.createdAtMs} ELSE ${nowMs} END`,
      resolvedAtMs: null,
      resolvedBy: null,
      note: null,
    },
  });
}

function insert(db: DrizzleD1Database, findings: readonly Finding[], nowMs: number) {
  const rows = findings.map((finding) => ({
    ...finding,
    rows: JSON.stringify(finding.rows),
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
  }));
  return db
    .insert(attentionItems)
    .select(rowsOf(rows, Object.keys(getTableColumns(attentionItems))));
}
