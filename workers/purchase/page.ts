import { and, eq, lt, or, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { decodeBase64url, encodeBase64url } from "../../domain/base64url.ts";

/** Rows of a list, and the cursor of the next page when there is one. */
export interface Page<Row> {
  rows: Row[];
  cursor: string | null;
  /** Of what was read: a later read that brings it sees no less. Services of an older version give none. */
  bookmark?: string | null;
}

/** A row's place in a list whose order is a number, mostly a time, and then a name. */
export interface Place {
  at: number;
  name: string;
}

/** What finds the rows behind a cursor in a list that is ordered by both columns, the highest first. */
export function isBehind(
  at: SQLiteColumn,
  name: SQLiteColumn,
  cursor: string | null,
): SQL | undefined {
  const place = readCursor(cursor);
  return place ? or(lt(at, place.at), and(eq(at, place.at), lt(name, place.name))) : undefined;
}

/** A page of rows that were asked for with one more than `limit`, to know whether there are more. */
export function pageOf<Row>(
  found: readonly Row[],
  limit: number,
  placeOf: (row: Row) => Place,
): Page<Row> {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, cursor: last ? writeCursor(placeOf(last)) : null };
}

export function writeCursor({ at, name }: Place): string {
  return encodeBase64url(new TextEncoder().encode(`${at} ${name}`));
}

/** The place that a cursor names; `null`, and the list starts anew, without one that is ours: it is a bookmark, not a credential. */
export function readCursor(cursor: string | null): Place | null {
  const bytes = cursor === null ? null : decodeBase64url(cursor);
  const [at, name] = bytes ? new TextDecoder().decode(bytes).split(" ") : [];
  return name === undefined || !Number.isInteger(Number(at)) ? null : { at: Number(at), name };
}
