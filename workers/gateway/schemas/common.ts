import { z } from "@hono/zod-openapi";
import { ID_MAX_CHARACTERS, PAGE_MAX_ROWS } from "../../../domain/limits.ts";
import { AMOUNT_MAX_MINOR_UNITS } from "../../../domain/money.ts";
import { PROBLEMS, type ProblemCode } from "../../../domain/problem.ts";
import { parseTime } from "../../../domain/time.ts";

/** Ids chosen by a shop become object names, cookie names and parts of order ids. */
export const ID_PATTERN = new RegExp(`^[A-Za-z0-9_-]{1,${ID_MAX_CHARACTERS}}$`);
/** Cursors are ours: the longest one holds an order id and a time. */
const CURSOR_MAX_CHARACTERS = 400;

export const Id = z
  .string()
  .regex(ID_PATTERN, `1 to ${ID_MAX_CHARACTERS} letters, digits, "_" or "-"`)
  .openapi({ example: "phone-1" });

/** A time in the contract: RFC 3339; answers are in UTC. */
export const Time = z
  .string()
  .openapi({ format: "date-time", example: "2026-11-22T12:00:00.000Z" });

/** A time that a request brings, as milliseconds since the epoch. */
export const TimeInput = z.iso
  .datetime({ offset: true, error: "an RFC 3339 time, for example 2026-11-22T12:00:00Z" })
  .transform((text) => parseTime(text) ?? 0)
  .openapi({ type: "string", format: "date-time" });

export const Money = z
  .object({
    amount: z.int().min(0).max(AMOUNT_MAX_MINOR_UNITS).openapi({
      description: "Minor units: 49900 EUR is 499 euro.",
      example: 49900,
    }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "an ISO 4217 code, for example EUR")
      .openapi({ example: "EUR" }),
  })
  .openapi("Money");

/** Where the next page of a list begins. */
export const Cursor = z
  .string()
  .min(1)
  .max(CURSOR_MAX_CHARACTERS)
  .openapi({ description: "The cursor of the page before." });

/** The query of a list. */
export const PageQuery = z.object({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX_ROWS).default(PAGE_MAX_ROWS),
});

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
    startsAt: Time.optional(),
  })
  .openapi("Problem");
