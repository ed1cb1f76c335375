import type { z } from "@hono/zod-openapi";
import type { MessageKind } from "../../../domain/messages/message.ts";
import { formatTime } from "../../../domain/time.ts";
import type { MessageRow, Notification } from "../../purchase/messages/reading.ts";
import { setStatus } from "../answer.ts";
import { readPage } from "../bookmark.ts";
import { shopperOf } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import { requireSale } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import { accepted } from "../problems.ts";
import {
  AllNotificationsQuery,
  Contact,
  ContactBody,
  NotificationPage,
  NotificationsQuery,
  Reminder,
  ToldMessagePage,
  type Notification as NotificationView,
  type ToldMessage,
} from "../schemas/notifications.ts";

/** Own messages, newest first. */
export const listNotifications = endpoint(
  {
    tag: "Notifications",
    summary: "What the shop has told the shopper, newest first",
    query: NotificationsQuery,
    statuses: [200],
    answer: NotificationPage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query: { orderId = null, cursor = null, limit } }) => {
    const { subject } = shopperOf(c);
    const page = await readPage(c, (bookmark) =>
      c.env.PURCHASE.notificationsOf(subject, orderId, cursor, limit, bookmark),
    );
    return {
      notifications: page.rows.map(notificationView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

/** Where the shopper is written to. */
export const getContact = endpoint(
  {
    tag: "Notifications",
    summary: "The address that messages go to beside the mailbox",
    statuses: [200],
    answer: Contact,
    problems: ["busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    return { email: await callObject(() => c.env.PURCHASE.contact(subject)) };
  },
);

/** Notes where the shopper wants to be written to. */
export const putContact = endpoint(
  {
    tag: "Notifications",
    summary: "Have messages sent to an address, too, where the shop sends e-mail",
    body: ContactBody,
    statuses: [200],
    answer: Contact,
    problems: ["busy"],
  },
  async (c, { body: { email } }) => {
    const { subject } = shopperOf(c);
    await callObject(() => c.env.PURCHASE.setContact(subject, email));
    return { email };
  },
);

/** Forgets the address. */
export const deleteContact = endpoint(
  {
    tag: "Notifications",
    summary: "Forget the address: messages are in the mailbox alone",
    statuses: [204],
    problems: ["busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    await callObject(() => c.env.PURCHASE.removeContact(subject));
  },
);

/** Asks to be told of a start. */
export const addReminder = endpoint(
  {
    tag: "Notifications",
    summary: "Be told when the sale starts: 201 the first time, 200 after",
    statuses: [201, 200],
    answer: Reminder,
    problems: ["not_found", "sale_ended", "order_state_conflict", "limit_reached", "busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    const { definition, control } = await requireSale(c);
    const { saleId } = definition;
    const { isNew } = accepted(await callObject(() => c.env.PURCHASE.remind(saleId, subject)));
    setStatus(c, isNew ? 201 : 200);
    return { saleId, startsAt: formatTime(control.startsAtMs) };
  },
);

/** Takes that back. */
export const removeReminder = endpoint(
  {
    tag: "Notifications",
    summary: "Not be told when the sale starts",
    statuses: [204],
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    const { saleId } = (await requireSale(c)).definition;
    await callObject(() => c.env.PURCHASE.forgetReminder(saleId, subject));
  },
);

/** What became of everybody's messages. */
export const listAllNotifications = endpoint(
  {
    tag: "Admin",
    summary:
      "What shoppers were to be told and what became of it, the latest first; a page with few rows and a cursor goes on",
    query: AllNotificationsQuery,
    statuses: [200],
    answer: ToldMessagePage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query: { saleId = null, state = null, cursor = null, limit } }) => {
    const filter = { saleId, state };
    const page = await readPage(c, (bookmark) =>
      c.env.PURCHASE.allMessages(filter, cursor, limit, bookmark),
    );
    return {
      notifications: page.rows.map(toldMessageView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

function notificationView(row: Notification): z.input<typeof NotificationView> {
  const { eventId, kind, subject, text, saleId, orderId, atMs } = row;
  return {
    id: eventId,
    kind: kind as MessageKind,
    subject,
    text,
    saleId,
    ...(orderId === null ? {} : { orderId }),
    at: formatTime(atMs),
  };
}

function toldMessageView(row: MessageRow): z.input<typeof ToldMessage> {
  const { eventId, shopper, kind, priority, saleId, orderId, state, attempts } = row;
  return {
    id: eventId,
    shopper,
    kind,
    priority,
    saleId,
    ...(orderId === null ? {} : { orderId }),
    state,
    attempts,
    at: formatTime(row.createdAtMs),
    ...(row.sentAtMs === null ? {} : { sentAt: formatTime(row.sentAtMs) }),
    ...(row.error === null ? {} : { error: row.error }),
  };
}
