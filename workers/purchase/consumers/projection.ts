import type { TrailPage } from "../../../domain/books/trail.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import type { DueMessage } from "../../../domain/messages/message.ts";
import { ownerOf } from "../books/owners.ts";
import { extentOf, readPages } from "../books/reading.ts";
import { LIVE_TABLES } from "../books/tables.ts";
import { writeReading } from "../books/writers.ts";
import { database } from "../database.ts";
import { isReadablePage } from "./messages.ts";

/** A page of a chain, as its owner sends it. */
export type BooksPage = LedgerPage | TrailPage;

/** Takes the messages that a commit has made due, to send them. */
export type SendDue = (due: DueMessage[]) => Promise<void>;

/** Writes a batch of pages in one transaction, then acknowledges each to the owner of its chain. */
export async function consumeLedger(
  env: PurchaseEnv,
  batch: MessageBatch<BooksPage>,
  sendDue: SendDue = () => Promise.resolve(),
): Promise<void> {
  const pages = batch.messages.filter(isReadablePage).map((message) => message.body);
  if (pages.length === 0) return;
  const db = database(env);
  const written = await db.batch(writeReading(db, LIVE_TABLES, readPages(pages)));
  for (const page of pages) await acknowledge(env, page);
  await sendDue(written[5]);
}

async function acknowledge(env: PurchaseEnv, page: BooksPage): Promise<void> {
  const { chain, fromSequence, throughSequence } = extentOf(page);
  await ownerOf(env, chain).acked(fromSequence, throughSequence);
}
