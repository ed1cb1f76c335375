import { type Breach, breachOf } from "./breach.ts";
import type { BooksEvidence } from "./books-evidence.ts";
import type { Difference } from "./contract-books.ts";
import type { Evidence } from "./evidence.ts";
import { type DueMessage, messagesDue } from "./messages-due.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** Every check of the books. */
export function checkBooks(evidence: Evidence): Breach[] {
  const { proof } = evidence;
  if (proof === null) return [];
  const due = messagesDue(evidence.sale.sku, evidence.ledger);
  return [
    ...booksReconcile(proof),
    ...historyVerifies(proof),
    ...rebuildIsEqual(proof),
    ...messagesAreSentOnce(proof, due),
    ...mailboxesAreRight(proof, due, evidence.records),
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

/** Each event's message exists once, for one shopper an order, and was sent. */
export function messagesAreSentOnce(
  { told }: BooksEvidence,
  due: ReadonlyMap<string, DueMessage>,
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
  }
  for (const id of due.keys()) if (!seen.has(id)) failures.push(`${id} was never told`);
  return breachOf("messages", "every message that is due is sent once", failures);
}

/** Every shopper reads exactly the messages of their own orders. */
export function mailboxesAreRight(
  { mailboxes }: BooksEvidence,
  due: ReadonlyMap<string, DueMessage>,
  records: readonly ShopperRecord[],
): Breach[] {
  const ownerOf = new Map(
    records.flatMap((record) => ordersOf(record).map((orderId) => [orderId, record.index])),
  );
  const dueTo = new Map<number, string[]>();
  for (const { id, orderId } of due.values()) {
    const owner = ownerOf.get(orderId);
    if (owner !== undefined) dueTo.set(owner, [...(dueTo.get(owner) ?? []), id]);
  }
  const failures: string[] = [];
  const readBy = new Map<string, number>();
  for (const [index, messages] of mailboxes) {
    const read = new Set<string>();
    for (const { id } of messages) {
      if (read.has(id)) failures.push(`shopper ${index} reads ${id} twice`);
      read.add(id);
      const other = readBy.get(id) ?? index;
      if (other !== index) failures.push(`shoppers ${other} and ${index} read ${id}`);
      readBy.set(id, index);
      const message = due.get(id);
      if (message === undefined) failures.push(`shopper ${index} reads ${id}, which is not due`);
      // Whose order nobody was told of is not known: an offer that was not looked for.
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

function ordersOf({ holds, list }: ShopperRecord): string[] {
  const offered = list?.orderId ?? null;
  return [...holds.map(({ orderId }) => orderId), ...(offered === null ? [] : [offered])];
}

function sentenceOf({ expected, field, found, key, kind, table }: Difference): string {
  const values =
    field === undefined
      ? ""
      : ` (${field}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)})`;
  return `${table} ${key}: ${kind}${values}`;
}
