import { accepts } from "hono/accepts";
import { answer } from "./answer.ts";
import type { GatewayContext } from "./gateway.ts";

/** The media type of comma-separated values (RFC 4180). */
export const CSV_MEDIA_TYPE = "text/csv";

const JSON_MEDIA_TYPE = "application/json";

/** Whether the request asks for CSV: by `format` in the query, or else by what it accepts most. */
export function wantsCsv(c: GatewayContext): boolean {
  const format = c.req.query("format");
  if (format !== undefined) return format === "csv";
  const supports = [JSON_MEDIA_TYPE, CSV_MEDIA_TYPE];
  const options = { header: "Accept", supports, default: JSON_MEDIA_TYPE } as const;
  return accepts(c, options) === CSV_MEDIA_TYPE;
}

/** Answers with the same values as the JSON: a line for each, under its path (`revenue.amount`). */
export function csvResponse(c: GatewayContext, value: unknown): Response {
  const text = writeCsv([["figure", "value"], ...flatten(value)]);
  return answer(c, text, `${CSV_MEDIA_TYPE}; charset=utf-8; header=present`);
}

/** Writes records as RFC 4180 says: quoted where a comma, a quote or a line break asks for it. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => `${fields.map(quote).join(",")}\r\n`).join("");
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Every value of an answer with its path; one that is `null` is empty. */
export function flatten(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, part]) => flatten(part, [...path, name]));
  if (value === undefined) return [];
  const text = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
  return [[path.join("."), text]];
}
