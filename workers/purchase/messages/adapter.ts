import type { MessageFacts, MessageKind, MessageRef } from "../../../domain/messages/message.ts";
import { messageText, type MessageNames } from "../../../domain/messages/text.ts";

/** A message, ready to be delivered. */
export interface OutgoingMessage extends MessageRef {
  kind: MessageKind;
  saleId: string;
  orderId: string | null;
  subject: string;
  text: string;
  /** When what it tells of happened. */
  atMs: number;
  /** Where the shopper asked to be written to. */
  email: string | null;
}

/**
 * Makes a message of its facts, and of the names that its sale and item have now.
 *
 * @throws Error where no text can be made of them.
 */
export function outgoingMessage(
  about: Omit<OutgoingMessage, "subject" | "text">,
  facts: MessageFacts,
  { saleName, itemName }: MessageNames,
): OutgoingMessage {
  const { eventId, shopper, kind, saleId, orderId, atMs, email } = about;
  const { subject, text } = messageText(kind, facts, { saleName, itemName });
  return { eventId, shopper, kind, saleId, orderId, subject, text, atMs, email };
}

/** What became of a message. `failed`: it is to be tried again. */
export type Delivery =
  | {
      kind: "delivered";
      /** What could not be done beside it and never will be. */
      note?: string;
    }
  | { kind: "failed"; why: string };

/** The way that messages reach shoppers. */
export interface MessageAdapter {
  /**
   * Delivers messages; what became of each, in their order. One that was delivered before is delivered
   * again without an effect where the way allows it.
   *
   * @throws when none of them could be delivered: all are to be tried again.
   */
  deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]>;
}

/**
 * A way that is a table of this database: what it takes is delivered by the transaction that makes it due, and
 * needs no queue.
 */
export interface MailTable {
  /** Whether it takes a message so; any other goes by its queue. */
  takes(message: OutgoingMessage): boolean;
  /** Delivers messages in a batch of the database. One that is there already is delivered again without an effect. */
  delivery(db: D1Database, messages: readonly OutgoingMessage[]): D1PreparedStatement;
}
