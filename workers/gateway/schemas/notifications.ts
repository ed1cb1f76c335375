import { z } from "@hono/zod-openapi";
import { MESSAGE_KINDS, MESSAGE_PRIORITIES } from "../../../domain/messages/message.ts";
import { Cursor, Id, PageLimit, Time } from "./common.ts";

/** An address of e-mail (RFC 5321, 4.5.3.1.3: a path is at most 256 characters, with its brackets). */
const EMAIL_MAX_CHARACTERS = 254;
/** Order ids are ours: a sku and two texts of fixed length. */
const ORDER_ID_MAX_CHARACTERS = 200;

const Kind = z.enum(MESSAGE_KINDS);

/** Which of one's own messages. */
export const NotificationsQuery = z.object({
  orderId: z
    .string()
    .min(1)
    .max(ORDER_ID_MAX_CHARACTERS)
    .optional()
    .openapi({ description: "Those about this order alone." }),
  cursor: Cursor.optional(),
  limit: PageLimit,
});

/** A message in a shopper's mailbox. */
export const Notification = z
  .object({
    id: z
      .string()
      .openapi({ description: "The event that it tells of.", example: "item/phone-1/42" }),
    kind: Kind,
    subject: z.string(),
    text: z.string().openapi({
      description: "Plain text; times in it are RFC 3339 in UTC: `2026-11-22 12:02:00Z`.",
    }),
    saleId: z.string(),
    orderId: z.string().optional(),
    at: Time,
  })
  .openapi("Notification");

/** One's own messages, newest first. */
export const NotificationPage = z
  .object({ notifications: z.array(Notification), cursor: Cursor.optional() })
  .openapi("NotificationPage");

/** Where to write to. */
export const ContactBody = z
  .object({
    email: z.email("has to be an e-mail address").max(EMAIL_MAX_CHARACTERS),
  })
  .openapi("ContactInput");

/** Where the shopper asked to be written to. */
export const Contact = z
  .object({
    email: z.string().nullable().openapi({ description: "`null`: nowhere but the mailbox." }),
  })
  .openapi("Contact");

/** That the shopper is told when the sale starts. */
export const Reminder = z.object({ saleId: z.string(), startsAt: Time }).openapi("Reminder");

/** Which messages of all shoppers. */
export const AllNotificationsQuery = z.object({
  saleId: Id.optional(),
  state: z
    .enum(["due", "sent", "dead"])
    .optional()
    .openapi({ description: "`dead`: it failed at every try, and a person has to look." }),
  cursor: Cursor.optional(),
  limit: PageLimit,
});

/** A message and what became of it. */
export const ToldMessage = z
  .object({
    id: z.string(),
    shopper: z.string(),
    kind: Kind,
    priority: z.enum(MESSAGE_PRIORITIES),
    saleId: z.string(),
    orderId: z.string().optional(),
    state: z.enum(["due", "sent", "dead"]),
    attempts: z.int(),
    at: Time,
    sentAt: Time.optional(),
    error: z.string().optional().openapi({ description: "Why the last try failed." }),
  })
  .openapi("ToldMessage");

/** Messages of all shoppers, the latest first. */
export const ToldMessagePage = z
  .object({ notifications: z.array(ToldMessage), cursor: Cursor.optional() })
  .openapi("ToldMessagePage");
