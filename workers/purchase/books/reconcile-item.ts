import {
  DIFFERENCES_LISTED_MAX,
  Findings,
  type BooksFigures,
  type Difference,
  type Reconciliation,
} from "../../../domain/books/reconcile.ts";
import { BooksTally, ItemBook } from "../../../domain/books/reconcile-book.ts";
import {
  eventDifferences,
  levelDifferences,
  surplusEvent,
} from "../../../domain/books/reconcile-events.ts";
import { orderDifferences, type ReconcileTerms } from "../../../domain/books/reconcile-order.ts";
import type { ItemFact, OrderGroup } from "../../../domain/books/reconcile-rows.ts";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import { strayKey, type ItemChain, type ItemSource, type Stray } from "./item-source.ts";

/**
 * Rows of each kind that are looked at again: as many as are listed. Each takes up to three queries, of which one
 * invocation has 1,000; what is beyond is only counted.
 */
const SUSPECTS_MAX = DIFFERENCES_LISTED_MAX;
/** Orders that are looked at again in one go: each is a parameter of a statement, of which D1 takes 100. */
const AGAIN_MAX_ORDERS = 50;
/** Events whose rows of the table are read at once: four pages of a chain. */
const EVENTS_MAX_ROWS = 2_000;
/**
 * Orders of one item. With four events and two messages each they take some 800 of the 1,000 queries that D1
 * allows one invocation, and a third of its memory.
 */
const ORDERS_MAX = 100_000;
/** Behind the end of every chain. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** Where the books of one item are read. */
export interface ReconcilePorts {
  chain: ItemChain;
  tables: Pick<ItemSource, keyof ItemSource>;
  terms: ReconcileTerms;
  /** Waits a moment: what was on its way has arrived then. */
  pause: () => Promise<void>;
}

/** What seems wrong at the first look. */
interface Suspects {
  sequences: Set<number>;
  orders: Set<string>;
  mail: Stray[];
  messages: Stray[];
  /** Orders whose ids are those of another item. */
  misplaced: string[];
  /** The sequence that the counters have to be at, where they seem wrong. */
  levelMark: number | null;
  /** Those that are beyond the bound. */
  more: number;
}

/**
 * Compares the events of one item with everything that is made from them or goes along with them. An item
 * that sells is no standstill, so
 * - only orders without an event behind the mark (what the tables have acknowledged) are compared, and the
 *   chain is read to its end again after the tables: what moved meanwhile is left to the next time;
 * - whatever differs is read anew, all of it, after a pause, and counts if it still does.
 *
 * @throws Error when the item has too many orders.
 */
export async function reconcileItem(
  sku: string,
  saleId: string,
  ports: ReconcilePorts,
): Promise<Reconciliation> {
  const findings = new Findings();
  const { suspects, figures, mark, own } = await look(sku, saleId, ports);
  findings.add(own);
  if (!isEmpty(suspects)) {
    await ports.pause();
    findings.add(await lookAgain(sku, saleId, suspects, ports));
    // Where nothing differs any more, the rest was on its way as well.
    if (findings.count > 0) findings.addUnnamed(suspects.more);
  }
  const { count, listed: differences } = findings;
  const throughSequence = Math.min(mark, figures.events);
  return { sku, saleId, ok: count === 0, throughSequence, figures, count, differences };
}

interface Look {
  suspects: Suspects;
  figures: BooksFigures;
  mark: number;
  own: Difference[];
}

async function look(
  sku: string,
  saleId: string,
  { chain, tables, terms }: ReconcilePorts,
): Promise<Look> {
  const suspects = noSuspects();
  const { mirroredThrough: mark } = await chain.read(BEYOND);
  const level = await tables.level();
  const book = new ItemBook(sku, mark, level?.sequence ?? 0);
  await readChain(chain, 0, async (rows) => {
    const after = book.sequence;
    const through = rows.at(-1)?.sequence ?? after;
    const found = await tables.events(after, through);
    for (const { key } of eventDifferences(sku, rows, found, mark))
      suspect(suspects, suspects.sequences, Number(key.slice(key.lastIndexOf("/") + 1)));
    for (const row of rows) book.enter(row);
    if (book.orders > ORDERS_MAX)
      throw new Error(`${sku} has more than ${ORDERS_MAX} orders, too many to reconcile at once.`);
  });
  const beyond = await tables.eventsBeyond(book.sequence);
  if (levelDifferences(sku, book.watched, level, book.levelMark).length > 0)
    suspects.levelMark = book.levelMark;

  const tally = new BooksTally(terms.charges !== null);
  const differing: string[] = [];
  for (let from: string | null = ""; from !== null;) {
    const page = await tables.groups(from);
    for (const group of page.groups) {
      tally.add(group);
      if (!book.agrees(group, terms)) differing.push(group.orderId);
    }
    from = page.next;
  }
  suspects.messages = await tables.strayMessages();
  suspects.misplaced = await tables.strayOrders(saleId);
  for (let after: Stray | null = null, isMore = true; isMore;) {
    const { strays, next } = await tables.strayMail(after);
    const room = SUSPECTS_MAX - suspects.mail.length;
    suspects.mail.push(...strays.slice(0, room));
    suspects.more += Math.max(0, strays.length - room);
    [after, isMore] = [next, next !== null];
  }

  const known = book.sequence;
  await readChain(chain, known, async (rows) => {
    for (const row of rows) book.enter(row);
  });
  for (const sequence of beyond)
    if (sequence > book.sequence) suspect(suspects, suspects.sequences, sequence);
  for (const orderId of [...differing, ...book.unfound()])
    if (book.isSettled(orderId, mark)) suspect(suspects, suspects.orders, orderId);
  const figures = tally.with(book, book.unsettled(mark));
  return { suspects, figures, mark, own: book.ownDifferences };
}

/** Reads all that differs anew, and names what still does. */
async function lookAgain(
  sku: string,
  saleId: string,
  suspects: Suspects,
  ports: ReconcilePorts,
): Promise<Difference[]> {
  const { chain, tables } = ports;
  const { mirroredThrough: mark } = await chain.read(BEYOND);
  const differences: Difference[] = [];
  differences.push(...(await eventsAgain(sku, [...suspects.sequences], mark, ports)));
  if (suspects.levelMark !== null) {
    const level = await tables.level();
    const row = level && (await rowAt(chain, level.sequence));
    const expected = row?.event?.level ?? null;
    differences.push(...levelDifferences(sku, expected, level, suspects.levelMark));
  }
  differences.push(...(await ordersAgain(sku, [...suspects.orders], mark, ports)));
  if (suspects.misplaced.length > 0)
    for (const key of await tables.strayOrders(saleId))
      differences.push({ kind: "order_surplus", table: "orders", key });
  for (const stray of suspects.messages)
    if (await tables.isStrayMessage(stray))
      differences.push({ kind: "message_surplus", table: "message", key: strayKey(stray) });
  for (const stray of suspects.mail)
    if (await tables.isStrayMail(stray))
      differences.push({
        kind: "notification_surplus",
        table: "notification",
        key: strayKey(stray),
      });
  return differences;
}

/** Reads events anew, a page of the chain at a time: those that are gone together are read together. */
async function eventsAgain(
  sku: string,
  sequences: readonly number[],
  mark: number,
  { chain, tables }: Pick<ReconcilePorts, "chain" | "tables">,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  let left = sequences.toSorted((one, other) => one - other);
  for (let [first] = left; first !== undefined; [first] = left) {
    const { rows } = await chain.read(first - 1);
    const through = Math.max(first, rows.at(-1)?.sequence ?? 0);
    const found = await tables.events(first - 1, through);
    const suspected = new Set(left.filter((sequence) => sequence <= through));
    left = left.filter((sequence) => sequence > through);
    const again = rows.filter(({ sequence }) => suspected.delete(sequence));
    differences.push(...eventDifferences(sku, again, found, mark));
    // What is left of them is not in the chain.
    for (const { sequence } of found)
      if (suspected.has(sequence)) differences.push(surplusEvent(sku, sequence));
  }
  return differences;
}

/** Reads orders anew, with one pass over the chain, however many they are. */
async function ordersAgain(
  sku: string,
  orderIds: readonly string[],
  mark: number,
  { chain, tables, terms }: Pick<ReconcilePorts, "chain" | "tables" | "terms">,
): Promise<Difference[]> {
  if (orderIds.length === 0) return [];
  const events = new EventsOf(orderIds);
  await readChain(chain, 0, async (rows) => events.enter(rows));
  const groups: OrderGroup[] = [];
  for (let at = 0; at < orderIds.length; at += AGAIN_MAX_ORDERS)
    groups.push(...(await tables.groupsOf(orderIds.slice(at, at + AGAIN_MAX_ORDERS))));
  await readChain(chain, events.sequence, async (rows) => events.enter(rows));
  return groups.flatMap((group) => {
    const ofOrder = events.of(group.orderId);
    const isSettled = (ofOrder.at(-1)?.sequence ?? 0) <= mark;
    return isSettled ? orderDifferences(sku, ofOrder, group, terms) : [];
  });
}

/** The events of some orders. */
class EventsOf {
  readonly #events: Map<string, LedgerEvent[]>;
  sequence = 0;

  constructor(orderIds: Iterable<string>) {
    this.#events = new Map(Array.from(orderIds, (orderId) => [orderId, []]));
  }

  enter(rows: readonly ItemFact[]): void {
    for (const { sequence, event } of rows) {
      if (event?.order) this.#events.get(event.order.orderId)?.push(event);
      this.sequence = sequence;
    }
  }

  of(orderId: string): LedgerEvent[] {
    return this.#events.get(orderId) ?? [];
  }
}

async function readChain(
  chain: ItemChain,
  from: number,
  take: (rows: ItemFact[]) => Promise<void>,
): Promise<void> {
  let kept: ItemFact[] = [];
  for (let after = from; ;) {
    const { rows } = await chain.read(after);
    const last = rows.at(-1);
    kept = kept.concat(rows);
    if (kept.length > 0 && (!last || kept.length >= EVENTS_MAX_ROWS)) {
      await take(kept);
      kept = [];
    }
    if (!last) return;
    after = last.sequence;
  }
}

async function rowAt(chain: ItemChain, sequence: number): Promise<ItemFact | null> {
  const [row] = (await chain.read(sequence - 1)).rows;
  return row?.sequence === sequence ? row : null;
}

function noSuspects(): Suspects {
  const [sequences, orders] = [new Set<number>(), new Set<string>()];
  const strays = { mail: [], messages: [], misplaced: [] };
  return { sequences, orders, ...strays, levelMark: null, more: 0 };
}

function suspect<Key>(suspects: Suspects, kept: Set<Key>, key: Key): void {
  if (kept.size < SUSPECTS_MAX) kept.add(key);
  else if (!kept.has(key)) suspects.more += 1;
}

function isEmpty({ sequences, orders, levelMark, more, ...strays }: Suspects): boolean {
  const { mail, messages, misplaced } = strays;
  const found = sequences.size + orders.size + mail.length + messages.length + misplaced.length;
  return found + more === 0 && levelMark === null;
}
