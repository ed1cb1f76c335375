import { expectBody } from "./answers.ts";
import { atOnce } from "./at-once.ts";
import type { Caller } from "./calls.ts";
import { isMessagePage, type MessageRead } from "./contract-books.ts";
import type { Shopper } from "./shopper.ts";
import { ordersTold } from "./shopper-record.ts";

/**
 * Of those who had an order, so many read their mailbox as shoppers do: a call each, 1.8 ms of the system's CPU. That
 * every message is written once, for whom it is, and lies in the mailbox is looked at for all of them, by other ways;
 * what the route of one's own makes of it would have to be wrong for fewer than 1 in 200 to be missed in 1,000 (0.7
 * percent of the time).
 */
const OWNERS_MAX = 1_000;
/** Who never had an order has no message; so many of them are asked all the same. */
const OTHERS_MAX = 200;
/** Mailboxes read at the same time. */
export const READ_AT_ONCE = 16;
/** A shopper has a few messages an order. */
const PAGES_MAX = 100;

/** What shoppers read, by their index. */
export type Mailboxes = ReadonlyMap<number, readonly MessageRead[]>;

/** Whose an order is in the system's books: the subject of each shopper's token, by index; `null` where it has none. */
export type Subjects = ReadonlyMap<number, string | null>;

/** Everybody's own name, and what a sample reads. */
export interface Mail {
  /** Of everyone who had an order. */
  subjects: Subjects;
  mailboxes: Mailboxes;
}

/** Reads the messages of a sample of those who had an order, evenly over the crowd, and of some who had none. */
export async function readMail(caller: Caller, shoppers: readonly Shopper[]): Promise<Mail> {
  const known = shoppers.filter(({ bearer }) => bearer !== "");
  const owners = known.filter(({ record }) => ordersTold(record).length > 0);
  const others = known.filter(({ record }) => ordersTold(record).length === 0);
  const mailboxes = new Map<number, MessageRead[]>();
  await atOnce(
    READ_AT_ONCE,
    [...sampleOf(owners, OWNERS_MAX), ...sampleOf(others, OTHERS_MAX)],
    async (shopper) => {
      mailboxes.set(shopper.record.index, await messagesOf(caller, shopper.bearer));
    },
  );
  return {
    subjects: new Map(owners.map(({ bearer, record }) => [record.index, subjectOf(bearer)])),
    mailboxes,
  };
}

/** All of them, or so many with equal distances. */
export function sampleOf<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** Who a bearer says they are: access tokens are JWTs (RFC 7519). */
export function subjectOf(bearer: string): string | null {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(bearer.split(".")[1] ?? "", "base64url").toString("utf8"),
    );
    const isNamed = typeof claims === "object" && claims !== null && "sub" in claims;
    return isNamed && typeof claims.sub === "string" ? claims.sub : null;
  } catch {
    return null;
  }
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
