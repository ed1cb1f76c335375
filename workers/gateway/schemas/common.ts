import { z } from "@hono/zod-openapi";
import { ID_MAX_CHARACTERS, PAGE_MAX_ROWS } from "../../../domain/limits.ts";
import { AMOUNT_MAX_MINOR_UNITS } from "../../../domain/money.ts";
import { PROBLEMS, type ProblemCode } from "../../../domain/problem.ts";
import { parseTime } from "../../../domain/time.ts";

/** Ids chosen by a shop become object names, cookie names and parts of order ids. */
export const ID_PATTERN = new RegExp(`^[A-Za-z0-9_-]{1,${ID_MAX_CHARACTERS}}$`);
/** Cursors are ours: the longest one holds an order id and a time. */
const CURSOR_MAX_CHARACTERS = 400;

/** An id that a shop has chosen. */
export const Id = z
  .string()
  .regex(ID_PATTERN, `has to be 1 to ${ID_MAX_CHARACTERS} letters, digits, "_" or "-"`)
  .openapi({ example: "phone-1" });

/** A time in the contract: RFC 3339; answers are in UTC. */
export const Time = z
  .string()
  .openapi({ format: "date-time", example: "2026-11-22T12:00:00.000Z" });

/** A time that a request brings, as milliseconds since the epoch. */
export const TimeInput = z.iso
  .datetime({
    offset: true,
    error: "has to be an RFC 3339 time, for example 2026-11-22T12:00:00Z",
    abort: true,
  })
  .refine((text) => parseTime(text) !== null, "is not a day of the calendar")
  .transform((text) => parseTime(text) ?? 0)
  .openapi({ type: "string", format: "date-time" });

/** Minor units and a currency. */
export const Money = z
  .object({
    amount: z.int().min(0).max(AMOUNT_MAX_MINOR_UNITS).openapi({
      description: "Minor units: 49900 EUR is 499 euro.",
      example: 49900,
    }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "has to be an ISO 4217 code, for example EUR")
      .openapi({ example: "EUR" }),
  })
  .openapi("Money");

/** Where the next page of a list begins. */
export const Cursor = z
  .string()
  .min(1)
  .max(CURSOR_MAX_CHARACTERS)
  .openapi({ description: "The cursor of the page before." });

/** A whole number in a query, where all values are texts. */
export function queryInteger(minimum: number, maximum: number, fallback: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, "has to be a whole number")
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum))
    .prefault(String(fallback))
    .openapi({ type: "integer", minimum, maximum, default: fallback });
}

/** How many rows of a list. */
export const PageLimit = queryInteger(1, PAGE_MAX_ROWS, PAGE_MAX_ROWS);

/** The query of a list. */
export const PageQuery = z.object({ cursor: Cursor.optional(), limit: PageLimit });

/** A body in which nothing is looked at. */
export const EmptyBody = z.object({});

const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** Every refusal (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(PROBLEM_CODES),
    requestId: z.string(),
    retryAfterSeconds: z.int().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    waitlist: z.boolean().optional(),
    limit: z.int().optional(),
    held: z.int().optional(),
    bought: z.int().optional(),
    scope: z.enum(["shopper", "address", "card", "postal_address"]).optional(),
    startsAt: Time.optional(),
  })
  .openapi("Problem");
