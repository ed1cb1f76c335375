import {
  and,
  asc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNull,
  lte,
  ne,
  not,
  or,
  sql,
  type SQL,
} from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import {
  ledgerEvents,
  messages,
  notifications,
  orders,
  payments,
  stockLevels,
} from "../../../d1/schema.ts";
import { itemChain } from "../../../domain/books/chain.ts";
import type { EventRow, LevelRow } from "../../../domain/books/reconcile-events.ts";
import type {
  Charge,
  ItemFact,
  MessageRow,
  OrderGroup,
} from "../../../domain/books/reconcile-rows.ts";
import type { OrderStatus } from "../../../domain/purchase/hold.ts";
import { database } from "../database.ts";
import type { ProviderBooks } from "../providers/provider.ts";

/** Orders of one page. Each has up to three attempts, and two or three messages. */
const PAGE_MAX_ORDERS = 1_000;
/** Rows of each other table that one page takes. */
const PAGE_MAX_ROWS = 2_500;
/** Rows of the mailbox that one page takes: two short columns each. */
const MAIL_MAX_ROWS = 5_000;
/** Rows that belong to nothing, looked for in one go. */
const STRAYS_MAX_ROWS = 100;
/** What comes after "/" and ".": an item's keys begin with its sku and one of them, and no sku has either. */
const AFTER_SLASH = "0";
const AFTER_DOT = "/";

/** A page of a chain, read, that says how far the tables have it. */
export interface ItemPage {
  rows: ItemFact[];
  mirroredThrough: number;
}

/** Where the facts of an item are read. */
export interface ItemChain {
  /** Rows after `sequence`, as their owner has them; none at the end. */
  read(sequence: number): Promise<ItemPage>;
}

/** A row that belongs to nothing, by its key. */
export interface Stray {
  eventId: string;
  shopper: string;
}

/** Rows of groups, by order id, from one place on. */
export interface GroupPage {
  groups: OrderGroup[];
  /** Where the next page begins; `null` at the end. */
  next: string | null;
}

/** Everything that is known of one item beside its object, in pages that an index gives. */
export class ItemSource {
  readonly #db: DrizzleD1Database;
  readonly #sku: string;
  readonly #provider: ProviderBooks | null;

  constructor(env: Pick<PurchaseEnv, "DB">, sku: string, provider: ProviderBooks | null) {
    this.#db = database(env);
    this.#sku = sku;
    this.#provider = provider;
  }

  /** The item's counters. */
  async level(): Promise<LevelRow | null> {
    const [row] = await this.#db.select().from(stockLevels).where(eq(stockLevels.sku, this.#sku));
    return row ?? null;
  }

  /** Events after one sequence and up to another. */
  events(after: number, through: number): Promise<EventRow[]> {
    const { sku, sequence } = ledgerEvents;
    return this.#db
      .select()
      .from(ledgerEvents)
      .where(and(eq(sku, this.#sku), gt(sequence, after), lte(sequence, through)))
      .orderBy(asc(sequence));
  }

  /** Sequences of the table behind the end of the chain. */
  async eventsBeyond(through: number): Promise<number[]> {
    const { sku, sequence } = ledgerEvents;
    const rows = await this.#db
      .select({ sequence })
      .from(ledgerEvents)
      .where(and(eq(sku, this.#sku), gt(sequence, through)))
      .orderBy(asc(sequence))
      .limit(STRAYS_MAX_ROWS);
    return rows.map((row) => row.sequence);
  }

  /** All rows of the next orders, in the order of their ids. */
  async groups(from: string): Promise<GroupPage> {
    const [rows, charges] = await Promise.all([
      this.#db.batch([
        this.#orders(gte(orders.orderId, from)).limit(PAGE_MAX_ORDERS),
        this.#payments(gte(payments.orderId, from)).limit(PAGE_MAX_ROWS),
        this.#messages(gte(messages.orderId, from)).limit(PAGE_MAX_ROWS),
      ]),
      this.#charges(from),
    ]);
    const [orderRows, paymentRows, messageRows] = rows;
    // A table whose page is full may have more of its last order.
    const ends = [
      orderRows.length < PAGE_MAX_ORDERS ? null : orderRows.at(-1)?.orderId,
      paymentRows.length < PAGE_MAX_ROWS ? null : paymentRows.at(-1)?.orderId,
      messageRows.length < PAGE_MAX_ROWS ? null : messageRows.at(-1)?.orderId,
      charges.length < PAGE_MAX_ROWS ? null : charges.at(-1)?.orderId,
    ].filter((end): end is string => typeof end === "string");
    const end = ends.reduce<string | null>(
      (least, one) => (least === null || one < least ? one : least),
      null,
    );
    const groups = groupsOf(orderRows, paymentRows, messageRows, charges);
    if (end === null) return { groups, next: null };
    const whole = groups.filter(({ orderId }) => orderId < end);
    // One order with more rows than a page: what there is of it is enough to see that.
    if (whole.length === 0)
      return { groups: groups.filter(({ orderId }) => orderId === end), next: `${end} ` };
    return { groups: whole, next: end };
  }

  /** All rows of these orders, also of those that no table knows. */
  async groupsOf(orderIds: readonly string[]): Promise<OrderGroup[]> {
    const ids = [...orderIds];
    const [orderRows, paymentRows, messageRows] = await this.#db.batch([
      this.#orders(inArray(orders.orderId, ids)),
      this.#payments(inArray(payments.orderId, ids)),
      this.#messages(inArray(messages.orderId, ids)),
    ]);
    const charges: Charge[] = [];
    for (const id of ids) {
      const near = await this.#provider?.charges(this.#sku, id, STRAYS_MAX_ROWS);
      charges.push(...(near ?? []).filter(({ orderId }) => orderId === id));
    }
    const known = new Map(
      groupsOf(orderRows, paymentRows, messageRows, charges).map((group) => [group.orderId, group]),
    );
    return ids.map((orderId) => known.get(orderId) ?? emptyGroup(orderId));
  }

  /** Messages about the item's events that no order of the item has. */
  async strayMessages(): Promise<Stray[]> {
    const { eventId: id, shopper, sku, orderId } = messages;
    const named = { eventId: id, shopper };
    const ofNoOrder = and(eq(sku, this.#sku), isNull(orderId));
    const ofOther = and(this.#isOfItem(id), or(isNull(sku), ne(sku, this.#sku)));
    const [some, others] = await this.#db.batch([
      this.#db.select(named).from(messages).where(ofNoOrder).limit(STRAYS_MAX_ROWS),
      this.#db.select(named).from(messages).where(ofOther).limit(STRAYS_MAX_ROWS),
    ]);
    return [...some, ...others];
  }

  /** Whether a message is still one of those. */
  async isStrayMessage({ eventId: id, shopper }: Stray): Promise<boolean> {
    const [row] = await this.#db
      .select({ sku: messages.sku, orderId: messages.orderId })
      .from(messages)
      .where(and(eq(messages.eventId, id), eq(messages.shopper, shopper)));
    return row !== undefined && (row.orderId === null || row.sku !== this.#sku);
  }

  /** Orders of the item in this sale whose ids are those of another item. */
  async strayOrders(saleId: string): Promise<string[]> {
    const rows = await this.#db
      .select({ orderId: orders.orderId })
      .from(orders)
      .where(and(eq(orders.saleId, saleId), eq(orders.sku, this.#sku), not(this.#ofItem())))
      .limit(STRAYS_MAX_ROWS);
    return rows.map(({ orderId }) => orderId);
  }

  /** Copies in the mailbox that no message was ever written for, after one of them; `next` is where to go on. */
  async strayMail(after: Stray | null): Promise<{ strays: Stray[]; next: Stray | null }> {
    const { eventId: id, shopper } = notifications;
    const isBeyond = after
      ? sql`(${id}, ${shopper}) > (${after.eventId}, ${after.shopper})`
      : undefined;
    const page = this.#db
      .select({ eventId: id, shopper })
      .from(notifications)
      .where(and(this.#isOfItem(id), isBeyond))
      .orderBy(asc(id), asc(shopper))
      .limit(MAIL_MAX_ROWS)
      .as("mail");
    const rows = await this.#db
      .select({ eventId: page.eventId, shopper: page.shopper, known: messages.eventId })
      .from(page)
      .leftJoin(
        messages,
        and(eq(messages.eventId, page.eventId), eq(messages.shopper, page.shopper)),
      )
      .orderBy(asc(page.eventId), asc(page.shopper));
    const strays = rows.filter(({ known }) => known === null);
    return { strays, next: rows.length < MAIL_MAX_ROWS ? null : (rows.at(-1) ?? null) };
  }

  /** Whether a copy in the mailbox is there, and no message for it. */
  async isStrayMail({ eventId: id, shopper }: Stray): Promise<boolean> {
    const [mail, written] = await this.#db.batch([
      this.#db
        .select({ id: notifications.eventId })
        .from(notifications)
        .where(and(eq(notifications.eventId, id), eq(notifications.shopper, shopper))),
      this.#db
        .select({ id: messages.eventId })
        .from(messages)
        .where(and(eq(messages.eventId, id), eq(messages.shopper, shopper))),
    ]);
    return mail.length > 0 && written.length === 0;
  }

  #orders(which: SQL) {
    return this.#db
      .select()
      .from(orders)
      .where(and(this.#ofItem(), which))
      .orderBy(asc(orders.orderId));
  }

  /** An order's id begins with its sku. */
  #ofItem(): SQL {
    const { orderId } = orders;
    return sql`(${orderId} >= ${`${this.#sku}.`} AND ${orderId} < ${`${this.#sku}${AFTER_DOT}`})`;
  }

  /** Whether an event's id is one of the item's. */
  #isOfItem(id: typeof messages.eventId | typeof notifications.eventId): SQL {
    const chain = itemChain(this.#sku);
    return sql`${id} > ${`${chain}/`} AND ${id} < ${`${chain}${AFTER_SLASH}`}`;
  }

  #payments(which: SQL) {
    const { sku, orderId, attempt } = payments;
    return this.#db
      .select()
      .from(payments)
      .where(and(eq(sku, this.#sku), which))
      .orderBy(asc(orderId), asc(attempt));
  }

  #messages(which: SQL) {
    const { eventId: id, shopper, orderId, sku, ...columns } = getTableColumns(messages);
    const { kind, priority, saleId, facts, state, createdAtMs } = columns;
    const told = { eventId: id, shopper, kind, priority, saleId, orderId, facts };
    return this.#db
      .select({
        ...told,
        state,
        createdAtMs,
        isDelivered: sql<number>`${notifications.eventId} IS NOT NULL`,
      })
      .from(messages)
      .leftJoin(
        notifications,
        and(eq(notifications.eventId, id), eq(notifications.shopper, shopper)),
      )
      .where(and(eq(sku, this.#sku), which))
      .orderBy(asc(orderId));
  }

  async #charges(from: string): Promise<Charge[]> {
    return (await this.#provider?.charges(this.#sku, from, PAGE_MAX_ROWS)) ?? [];
  }
}

/** A message's or a notification's key, as differences have it. */
export function strayKey({ eventId: id, shopper }: Stray): string {
  return `${id} ${shopper}`;
}

type MessageColumns = Omit<MessageRow, "isDelivered"> & { isDelivered: number };

function groupsOf(
  orderRows: readonly (typeof orders.$inferSelect)[],
  paymentRows: readonly (typeof payments.$inferSelect)[],
  messageRows: readonly MessageColumns[],
  charges: readonly Charge[],
): OrderGroup[] {
  const groups = new Map<string, OrderGroup>();
  const of = (orderId: string): OrderGroup => {
    const group = groups.get(orderId) ?? emptyGroup(orderId);
    groups.set(orderId, group);
    return group;
  };
  for (const row of orderRows)
    of(row.orderId).order = { ...row, status: row.status as OrderStatus };
  for (const row of paymentRows) of(row.orderId).payments.push(row);
  for (const row of messageRows)
    of(row.orderId ?? "").messages.push({ ...row, isDelivered: row.isDelivered !== 0 });
  for (const charge of charges) of(charge.orderId).charges.push(charge);
  return [...groups.values()];
}

function emptyGroup(orderId: string): OrderGroup {
  return { orderId, order: null, payments: [], messages: [], charges: [] };
}
