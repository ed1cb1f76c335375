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
