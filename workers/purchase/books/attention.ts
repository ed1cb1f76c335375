import { getTableColumns, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { attentionItems } from "../../../d1/schema.ts";
import { rowsOf, Wording, words } from "../database.ts";

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

const COLUMNS = Object.keys(getTableColumns(attentionItems));

const NOTE = new Wording(
  words
    .insert(attentionItems)
    .select(rowsOf(sql.placeholder("rows"), COLUMNS))
    .onConflictDoUpdate({
      target: attentionItems.itemId,
      set: { lastSeenAtMs: sql`excluded.last_seen_at_ms` },
    }),
);

/** Puts findings before a person. One that was there before is only seen again: who has resolved it, has. */
export function noteFindings(
  db: D1Database,
  findings: readonly Finding[],
  nowMs: number,
): D1PreparedStatement {
  const cut = findings.map((finding) => ({
    ...finding,
    detail: finding.detail.slice(0, DETAIL_MAX_CHARACTERS),
  }));
  return NOTE.with(db, { rows: JSON.stringify(rowsAt(cut, nowMs)) });
}

/** Opens an item for each finding, anew where a person has resolved it, or says of one that is open how it is now. */
export function openFindings(db: DrizzleD1Database, findings: readonly Finding[], nowMs: number) {
  return db
    .insert(attentionItems)
    .select(rowsOf(rowsAt(findings, nowMs), COLUMNS))
    .onConflictDoUpdate({
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

function rowsAt(findings: readonly Finding[], nowMs: number): object[] {
  return findings.map((finding) => ({
    ...finding,
    rows: JSON.stringify(finding.rows),
    createdAtMs: nowMs,
    lastSeenAtMs: nowMs,
  }));
}
