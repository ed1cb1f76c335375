import { type Breach, breachOf } from "./breach.ts";
import type { BooksEvidence } from "./books-evidence.ts";
import type { Difference } from "./contract-books.ts";
import type { Evidence } from "./evidence.ts";
import { type DueMessage, messagesDue } from "./messages-due.ts";
import { ordersTold, type ShopperRecord } from "./shopper-record.ts";

/** Every check of the books. */
export function checkBooks(evidence: Evidence): Breach[] {
  const { proof } = evidence;
  if (proof === null) return [];
  const due = messagesDue(evidence.sale.sku, evidence.ledger);
  const ownerOf = ownersOf(evidence.records);
  return [
    ...booksReconcile(proof),
    ...historyVerifies(proof),
    ...rebuildIsEqual(proof),
    ...messagesAreSentOnce(proof, due, ownerOf),
    ...everyMessageIsDelivered(proof, due),
    ...mailboxesAreRight(proof, due, ownerOf),
    ...nothingElseNeedsAPerson(proof),
  ];
}

/** Events, tables, the provider's books and messages say the same, and nothing was on its way. */
export function booksReconcile({ reconciled }: BooksEvidence): Breach[] {
  const failures: string[] = [];
  if (reconciled.length === 0) failures.push("no item was reconciled");
  for (const { sku, ok, count, differences, figures } of reconciled) {
    failures.push(...differences.map(sentenceOf));
    const more = count - differences.length;
    if (more > 0) failures.push(`${sku}: ${more} more`);
    if (!ok && count === 0) failures.push(`${sku} is not ok, and nothing says why`);
    if (figures.unsettled > 0) failures.push(`${sku}: ${figures.unsettled} orders are not settled`);
  }
  return breachOf("books", "events, tables, provider and messages reconcile", failures);
}

/** Every chain, its copy and its anchors are as they were written. */
export function historyVerifies({ audit }: BooksEvidence): Breach[] {
  const failures = audit.rows === 0 ? ["no row was verified"] : audit.findings;
  return breachOf("books", "history verifies", failures);
}

/** The tables are, row by row, what the chains come to. */
export function rebuildIsEqual({ rebuilt }: BooksEvidence): Breach[] {
  const failures = rebuilt.rows === 0 ? ["no row was rebuilt"] : rebuilt.differences;
  return breachOf("books", "a rebuild from the chains is equal, row by row", failures);
}

/** Each event's message exists once, for whose order it is, and was sent. */
export function messagesAreSentOnce(
  { subjects, told }: BooksEvidence,
  due: ReadonlyMap<string, DueMessage>,
  ownerOf: Owners,
): Breach[] {
  const failures: string[] = [];
  const seen = new Set<string>();
  const shopperOf = new Map<string, string>();
  for (const { id, kind, orderId, shopper, state } of told) {
    const expected = due.get(id);
    if (expected === undefined) failures.push(`${id} was told, and is not due`);
    else if (expected.kind !== kind || expected.orderId !== orderId)
      failures.push(`${id} tells ${kind} of ${orderId}, due is ${expected.kind}`);
    if (seen.has(id)) failures.push(`${id} was told twice`);
    seen.add(id);
    if (state !== "sent") failures.push(`${id} is ${state}`);
    if (orderId === undefined) continue;
    const other = shopperOf.get(orderId) ?? shopper;
    if (other !== shopper) failures.push(`${orderId} was told to ${other} and to ${shopper}`);
    shopperOf.set(orderId, shopper);
    const owner = ownerOf.get(orderId);
    // Whose order nobody was told of is not known: an offer that was not looked for.
    if (owner === undefined) continue;
    const subject = subjects.get(owner) ?? null;
    if (subject !== shopper)
      failures.push(`${id} of shopper ${owner}, who is ${subject}, was told to ${shopper}`);
  }
  for (const id of due.keys()) if (!seen.has(id)) failures.push(`${id} was never told`);
  return breachOf("messages", "every message that is due is sent once", failures);
}

/** As many messages as are due are there, and as many copies in mailboxes; which ones, the reconciliation compares. */
export function everyMessageIsDelivered(
  { reconciled }: BooksEvidence,
  due: ReadonlyMap<string, DueMessage>,
): Breach[] {
  // That nothing was reconciled is told already.
  if (reconciled.length === 0) return [];
  const failures = (["messages", "delivered"] as const).flatMap((figure) => {
    const count = reconciled.reduce((sum, { figures }) => sum + figures[figure], 0);
    return count === due.size ? [] : [`${count} ${figure}, ${due.size} due`];
  });
  return breachOf("messages", "every message that is due lies in a mailbox", failures);
}

/** Every shopper who was asked reads exactly the messages of their own orders. */
export function mailboxesAreRight(
  { mailboxes }: BooksEvidence,
  due: ReadonlyMap<string, DueMessage>,
  ownerOf: Owners,
): Breach[] {
  const dueTo = new Map<number, string[]>();
  for (const { id, orderId } of due.values()) {
    const owner = ownerOf.get(orderId);
    if (owner !== undefined) dueTo.set(owner, [...(dueTo.get(owner) ?? []), id]);
  }
  const failures: string[] = [];
  if (dueTo.size > 0 && ![...dueTo.keys()].some((index) => mailboxes.has(index)))
    failures.push("nobody who had an order was asked");
  const readBy = new Map<string, number>();
  for (const [index, messages] of mailboxes) {
    const read = new Set<string>();
    for (const { id, kind, orderId } of messages) {
      if (read.has(id)) failures.push(`shopper ${index} reads ${id} twice`);
      read.add(id);
      const other = readBy.get(id) ?? index;
      if (other !== index) failures.push(`shoppers ${other} and ${index} read ${id}`);
      readBy.set(id, index);
      const message = due.get(id);
      if (message === undefined) failures.push(`shopper ${index} reads ${id}, which is not due`);
      else if (message.kind !== kind || message.orderId !== orderId)
        failures.push(
          `shopper ${index} reads ${id} as ${kind} of ${orderId}, due is ${message.kind}`,
        );
      else if ((ownerOf.get(message.orderId) ?? index) !== index)
        failures.push(`shopper ${index} reads ${id} of shopper ${ownerOf.get(message.orderId)}`);
    }
    for (const id of dueTo.get(index) ?? [])
      if (!read.has(id)) failures.push(`shopper ${index} does not read ${id}`);
  }
  return breachOf("messages", "every shopper reads exactly what is due to them", failures);
}

/** Nothing is put before a person. */
export function nothingElseNeedsAPerson({ items }: BooksEvidence): Breach[] {
  const failures = items
    .filter(({ resolvedAt }) => resolvedAt === undefined)
    .map(({ detail, itemId, kind }) => `${kind} ${itemId}: ${detail}`);
  return breachOf("books", "nothing was put before a person", failures);
}

/** Whose each order is that somebody was told of: their index by its id. */
type Owners = ReadonlyMap<string, number>;

function ownersOf(records: readonly ShopperRecord[]): Owners {
  return new Map(
    records.flatMap((record) => ordersTold(record).map((orderId) => [orderId, record.index])),
  );
}

function sentenceOf({ expected, field, found, key, kind, table }: Difference): string {
  const values =
    field === undefined
      ? ""
      : ` (${field}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)})`;
  return `${table} ${key}: ${kind}${values}`;
}
