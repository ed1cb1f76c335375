import type { Runtime } from "../../../durable-objects/runtime.ts";
import { inTime } from "../providers/bounded.ts";
import type { Delivery, MessageAdapter, OutgoingMessage } from "./adapter.ts";

/** One e-mail may take this long; a service that hangs holds up its batch no longer. */
const SEND_TIMEOUT_MS = 10_000;
/** E-mails on their way at once: a Worker has at most six connections open (Workers limits). */
const SENDS_AT_ONCE = 6;

/**
 * What no repeat changes: the address is no good, or does not want us
 * (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/#error-codes).
 */
const FINAL_CODES: ReadonlySet<unknown> = new Set([
  "E_VALIDATION_ERROR",
  "E_RECIPIENT_NOT_ALLOWED",
  "E_RECIPIENT_SUPPRESSED",
  "E_CONTENT_TOO_LARGE",
]);

/** What the e-mails of a shop need to be told. */
export interface EmailOptions {
  binding: Pick<SendEmail, "send">;
  /** The sender, of a domain that is onboarded to Email Service. */
  from: string;
  /** The origin of the shop's pages, for a link; `null`: no link. */
  publicUrl: string | null;
}

/**
 * E-mail by Cloudflare's Email Service, to whoever left an address; the mailbox has every message, too.
 * Email Service sets `Message-ID` itself and refuses ours, so that what it sends is known by the event in
 * `X-Ropeline-Event` (https://developers.cloudflare.com/email-service/reference/headers/). It keeps no
 * key of a request: a message that is sent and not marked is sent again.
 */
export class EmailAdapter implements MessageAdapter {
  readonly #mailbox: MessageAdapter;
  readonly #options: EmailOptions;
  readonly #runtime: Pick<Runtime, "setTimer" | "clearTimer">;

  constructor(
    mailbox: MessageAdapter,
    options: EmailOptions,
    runtime: Pick<Runtime, "setTimer" | "clearTimer">,
  ) {
    this.#mailbox = mailbox;
    this.#options = options;
    this.#runtime = runtime;
  }

  async deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]> {
    await this.#mailbox.deliver(messages);
    const deliveries: Delivery[] = [];
    for (let from = 0; from < messages.length; from += SENDS_AT_ONCE) {
      const some = messages.slice(from, from + SENDS_AT_ONCE);
      deliveries.push(...(await Promise.all(some.map((message) => this.#mail(message)))));
    }
    return deliveries;
  }

  async #mail(message: OutgoingMessage): Promise<Delivery> {
    const { email, subject, text, eventId } = message;
    if (email === null) return { kind: "delivered" };
    const { binding, from } = this.#options;
    const headers = { "Auto-Submitted": "auto-generated", "X-Ropeline-Event": eventId };
    const link = this.#link(message);
    const body = link === null ? text : `${text}\n\n${link}`;
    try {
      const sent = binding.send({ from, to: email, subject, text: body, headers });
      await inTime(sent, this.#runtime, SEND_TIMEOUT_MS);
      return { kind: "delivered" };
    } catch (error) {
      const { code } = Object(error) as { code?: unknown };
      // The text of an error may have the address in it.
      const why = typeof code === "string" ? code : "no answer of Email Service";
      return FINAL_CODES.has(code)
        ? { kind: "delivered", note: `not mailed: ${why}` }
        : { kind: "failed", why };
    }
  }

  #link({ saleId, orderId }: OutgoingMessage): string | null {
    const { publicUrl } = this.#options;
    if (publicUrl === null) return null;
    const page = orderId === null ? `sale?id=${saleId}` : `order?id=${encodeURIComponent(orderId)}`;
    return `${publicUrl}/${page}`;
  }
}
