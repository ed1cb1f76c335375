import type { MessageKind, MessageRef } from "../../../domain/messages/message.ts";

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
