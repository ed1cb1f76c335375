import { expectBody } from "./answers.ts";
import { atOnce } from "./at-once.ts";
import type { Caller } from "./calls.ts";
import { isMessagePage, type MessageRead } from "./contract-books.ts";
import type { Shopper } from "./shopper.ts";

/** Who never had an order has no message; so many of them are asked all the same. */
const OTHERS_MAX = 200;
/** Mailboxes read at the same time. */
export const READ_AT_ONCE = 16;
/** A shopper has a few messages an order. */
const PAGES_MAX = 100;

/** What shoppers read, by their index. */
export type Mailboxes = ReadonlyMap<number, readonly MessageRead[]>;

/** Reads the messages of everyone who had an order, and of some who had none. */
export async function readMailboxes(
  caller: Caller,
  shoppers: readonly Shopper[],
): Promise<Mailboxes> {
  const known = shoppers.filter(({ bearer }) => bearer !== "");
  const others = known.filter(({ record }) => record.holds.length === 0).slice(0, OTHERS_MAX);
  const asked = [...known.filter(({ record }) => record.holds.length > 0), ...others];
  const mailboxes = new Map<number, MessageRead[]>();
  await atOnce(READ_AT_ONCE, asked, async (shopper) => {
    mailboxes.set(shopper.record.index, await messagesOf(caller, shopper.bearer));
  });
  return mailboxes;
}

async function messagesOf(caller: Caller, authorization: string): Promise<MessageRead[]> {
  const messages: MessageRead[] = [];
  let cursor = "";
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const answer = await caller.call({
      kind: "messages",
      method: "GET",
      path: `/api/v1/notifications?limit=100${cursor}`,
      headers: { authorization },
    });
    const page = expectBody("messages", answer, [200], isMessagePage<MessageRead>);
    messages.push(...page.notifications);
    if (page.cursor === undefined) return messages;
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
  }
  throw new Error(`a shopper has more than ${PAGES_MAX} pages of messages`);
}
