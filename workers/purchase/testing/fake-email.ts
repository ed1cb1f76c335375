/*
 * The `send_email` binding as Cloudflare documents it
 * (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/), without a network.
 */

/** Headers that may be set beside `X-…` (https://developers.cloudflare.com/email-service/reference/headers/), as far as we could want them. */
const ALLOWED_HEADERS: ReadonlySet<string> = new Set([
  "auto-submitted",
  "in-reply-to",
  "references",
]);
const CUSTOM_HEADER = /^X-[A-Za-z0-9\-_]{1,98}$/i;
const HEADER_VALUE_MAX_BYTES = 2_048;

/** What was asked to be sent. */
export type Mail = Parameters<SendEmail["send"]>[0] & {
  from: string;
  to: string;
  subject: string;
  text: string;
  headers: Record<string, string>;
};

/** Sends nothing, remembers all, and refuses what the documentation says is refused. */
export class FakeEmail implements Pick<SendEmail, "send"> {
  readonly sent: Mail[] = [];
  /** Code of the error that an address brings. */
  readonly codes = new Map<string, string>();
  /** Addresses of which nothing is heard again. */
  readonly silent = new Set<string>();
  /** The most that were on their way at once. */
  mostAtOnce = 0;
  #underWay = 0;

  async send(given: EmailMessage | EmailMessageBuilder): Promise<EmailSendResult> {
    const mail = given as Mail;
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    await Promise.resolve();
    try {
      if (this.silent.has(mail.to)) return await new Promise(() => undefined);
      judge(mail);
      const code = this.codes.get(mail.to);
      if (code !== undefined) throw refusal(code, `Cannot send to ${mail.to}.`);
      this.sent.push(mail);
      return { messageId: `<${this.sent.length}@cloudflare.example>` };
    } finally {
      this.#underWay -= 1;
    }
  }
}

function judge({ from, to, subject, text, headers }: Mail): void {
  if (from === "" || to === "" || subject === "" || text === "")
    throw refusal("E_FIELD_MISSING", "A field is missing.");
  if (/[\r\n]/.test(subject)) throw refusal("E_VALIDATION_ERROR", "The subject is not a line.");
  for (const [name, value] of Object.entries(headers)) {
    if (!ALLOWED_HEADERS.has(name.toLowerCase()) && !CUSTOM_HEADER.test(name))
      throw refusal("E_HEADER_NOT_ALLOWED", `Header '${name}' is not allowed.`);
    if (value === "" || /[\r\n]/.test(value))
      throw refusal("E_HEADER_VALUE_INVALID", `Header '${name}' is malformed.`);
    if (new TextEncoder().encode(value).length > HEADER_VALUE_MAX_BYTES)
      throw refusal("E_HEADER_VALUE_TOO_LONG", `Header '${name}' is too long.`);
  }
}

/** Errors are standard ones with a `code`. */
function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
