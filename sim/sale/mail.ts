import type {
  Delivery,
  MailTable,
  MessageAdapter,
  OutgoingMessage,
} from "../../workers/purchase/messages/adapter.ts";
import { Mailbox } from "../../workers/purchase/messages/mailbox.ts";
import type { Faults } from "../kernel/faults.ts";
import { connectionLost } from "../platform/network.ts";

/**
 * The embedded mailbox, behind a way to it that does not take every message. Of every other fact it takes them at
 * once: what a shop of e-mails has, and what the version before has left, goes by queues.
 */
export class SimulatedMail implements MessageAdapter, MailTable {
  readonly #mailbox: Mailbox;
  readonly #faults: Faults;

  constructor(env: Pick<PurchaseEnv, "DB">, faults: Faults) {
    this.#mailbox = new Mailbox(env);
    this.#faults = faults;
  }

  async deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]> {
    const refused = messages.map(() => this.#faults.happens("mail.refused"));
    await this.#mailbox.deliver(messages.filter((_, index) => refused[index] !== true));
    return refused.map((isRefused) =>
      isRefused ? { kind: "failed", why: connectionLost().message } : { kind: "delivered" },
    );
  }

  takes({ eventId }: OutgoingMessage): boolean {
    return Number(eventId.at(-1)) % 2 === 0;
  }

  delivery(db: D1Database, messages: readonly OutgoingMessage[]): D1PreparedStatement {
    return this.#mailbox.delivery(db, messages);
  }
}
