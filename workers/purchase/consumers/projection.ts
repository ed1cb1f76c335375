import type { TrailPage } from "../../../domain/books/trail.ts";
import type { DueMessage } from "../../../domain/messages/message.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import { systemRuntime, type Runtime } from "../../../durable-objects/runtime.ts";
import { itemIdOf, noteFindings, type Finding } from "../books/attention.ts";
import { ownerOf } from "../books/owners.ts";
import { extentOf, readPages, type Extent, type Unreadable } from "../books/reading.ts";
import { resolveWritten } from "../books/unwritable.ts";
import { writeLive, writeSent } from "../books/writers.ts";
import type { MailTable } from "../messages/adapter.ts";
import { sortMessages } from "../messages/at-once.ts";
import { dueOf, messagesOf, type NewMessage } from "../messages/outbox.ts";
import { pagesIn, type PageMessage } from "./messages.ts";

/** A page that could not be written comes again after this; its owner sends it again, too. */
const RETRY_DELAY_SECONDS = 10;

/** A page of a chain, as its owner sends it. */
export type BooksPage = LedgerPage | TrailPage;

/** Takes the messages that a commit has made due, to send them. Never fails. */
export type SendDue = (due: DueMessage[]) => Promise<void>;

/**
 * Writes a batch of pages in one transaction, then acknowledges each to the owner of its chain. Where that fails
 * and the database is well, it is for some of the pages: each has a transaction of its own then, and only those
 * that fail again come again. A database that is not well is left alone until then.
 */
export async function consumeLedger(
  env: PurchaseEnv,
  batch: MessageBatch<BooksPage>,
  sendDue: SendDue = leaveDue,
  runtime: Pick<Runtime, "now"> = systemRuntime,
  mail: MailTable | null = null,
): Promise<void> {
  const messages = pagesIn(batch);
  if (messages.length === 0) return;
  const projection = new Projection(env, runtime, sendDue, mail);
  const error = await projection.write(messages);
  if (error === null) return;
  if (messages.length === 1 || !(await projection.isWell())) return putOff(messages, error);
  for (const [index, message] of messages.entries()) {
    const error = await projection.write([message]);
    if (error === null) continue;
    if (!(await projection.isWell())) return putOff(messages.slice(index), error);
    putOff([message], error);
  }
}

/** For those who send no messages: the minute's sweep finds them. */
export function leaveDue(): Promise<void> {
  return Promise.resolve();
}

/** Pages on their way into the tables. */
export class Projection {
  readonly #env: PurchaseEnv;
  readonly #runtime: Pick<Runtime, "now">;
  readonly #sendDue: SendDue;
  readonly #mail: MailTable | null;

  /** @param mail what delivers messages in the transaction that makes them due; `null`: all go by their queues. */
  constructor(
    env: PurchaseEnv,
    runtime: Pick<Runtime, "now">,
    sendDue: SendDue,
    mail: MailTable | null,
  ) {
    this.#env = env;
    this.#runtime = runtime;
    this.#sendDue = sendDue;
    this.#mail = mail;
  }

  /** Writes and acknowledges pages, all or none; why not, where it failed. */
  async write(messages: readonly PageMessage[]): Promise<string | null> {
    const pages = messages.map(({ body }) => body);
    let due: DueMessage[];
    try {
      due = await this.#commit(pages);
    } catch (error) {
      return String(error);
    }
    await Promise.all([
      this.#sendDue(due),
      ...stretchesOf(pages).map((stretch) => acknowledge(this.#env, stretch)),
    ]);
    return null;
  }

  /** Whether the database takes what has nothing to do with any page: the same statements, with nothing in them. */
  async isWell(findings: readonly Finding[] = []): Promise<boolean> {
    try {
      await this.#commit([], findings);
      return true;
    } catch (error) {
      console.warn({ event: "ledger.database_failed", error: String(error) });
      return false;
    }
  }

  async #commit(
    pages: readonly BooksPage[],
    findings: readonly Finding[] = [],
  ): Promise<DueMessage[]> {
    const { DB: db } = this.#env;
    const reading = readPages(pages);
    const unreadable = [...reading.items, ...reading.trails].flatMap((read) => read.unreadable);
    const found = [...unreadable.map(putAside), ...findings];
    const nowMs = this.#runtime.now();
    const told = await sortMessages(db, messagesOf(reading.items), this.#mail, nowMs);
    const isDelivering = told.sent.length > 0 || pages.length === 0;
    const [messages] = await db.batch<NewMessage>([
      ...writeLive(db, reading, told.due),
      ...(this.#mail && isDelivering
        ? [writeSent(db, told.sent), this.#mail.delivery(db, told.mail)]
        : []),
      ...(found.length > 0 || pages.length === 0 ? [noteFindings(db, found, nowMs)] : []),
      resolveWritten(db, nowMs),
    ]);
    return told.due.length > 0 ? dueOf(messages?.results ?? []) : [];
  }
}

/** What pages are of, those that follow one another as one. */
function stretchesOf(pages: readonly BooksPage[]): Extent[] {
  const stretches: Extent[] = [];
  for (const extent of pages.map(extentOf)) {
    const { chain, fromSequence, throughSequence } = extent;
    const before = stretches.find(
      (known) => known.chain === chain && known.throughSequence === fromSequence - 1,
    );
    if (before) before.throughSequence = throughSequence;
    else stretches.push(extent);
  }
  return stretches;
}

/** What its owner does not hear of is sent again, and is acknowledged then. */
async function acknowledge(
  env: PurchaseEnv,
  { chain, fromSequence, throughSequence }: Extent,
): Promise<void> {
  try {
    await ownerOf(env, chain).acked(fromSequence, throughSequence, true);
  } catch (error) {
    console.warn({ event: "ledger.not_acknowledged", chain, fromSequence, error: String(error) });
  }
}

function putOff(messages: readonly PageMessage[], error: string): void {
  console.warn({
    event: "ledger.put_off",
    extents: messages.map(({ body }) => extentOf(body)),
    error,
  });
  for (const message of messages) message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
}

/** A fact that was kept as it is, since nobody can read it. */
function putAside({ eventId, saleId, sku, detail, row }: Unreadable): Finding {
  const kind = "unreadable_event";
  return { itemId: itemIdOf(kind, eventId), kind, saleId, sku, rows: [row], detail };
}
