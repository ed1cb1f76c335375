import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { MailTable, MessageAdapter } from "./adapter.ts";
import { EmailAdapter } from "./email.ts";
import { Mailbox } from "./mailbox.ts";

/** How messages reach shoppers; absent: by the embedded mailbox alone. */
export interface MessageSettings {
  /** `mailbox` or `email`. */
  readonly MESSAGE_ADAPTER?: string;
  /** The sender of e-mails: `shop@example.com`. */
  readonly MESSAGE_FROM?: string;
  /** The `send_email` binding. */
  readonly EMAIL?: Pick<SendEmail, "send">;
  /** Where the shop's pages are: `https://shop.example`. */
  readonly PUBLIC_URL?: string;
}

/** The table that delivers by itself what is due, where messages have no other way; `null` where they have. */
export function mailTableOf(env: MessageSettings & Pick<PurchaseEnv, "DB">): MailTable | null {
  return (env.MESSAGE_ADAPTER ?? "mailbox") === "mailbox" ? new Mailbox(env) : null;
}

const HELP = "Set it in workers/purchase/wrangler.toml:";

/**
 * The way that messages take.
 *
 * @throws when a setting is wrong or missing.
 */
export function adapterOf(
  env: MessageSettings & Pick<PurchaseEnv, "DB">,
  runtime: Runtime,
): MessageAdapter {
  const { MESSAGE_ADAPTER = "mailbox" } = env;
  const mailbox = new Mailbox(env);
  if (MESSAGE_ADAPTER === "mailbox") return mailbox;
  if (MESSAGE_ADAPTER !== "email")
    throw new Error(`MESSAGE_ADAPTER must be "mailbox" or "email", not "${MESSAGE_ADAPTER}".`);
  const { EMAIL: binding, MESSAGE_FROM = "", PUBLIC_URL = "" } = env;
  if (!binding) throw missing("the binding EMAIL", '[[send_email]] name = "EMAIL"');
  const from = MESSAGE_FROM.trim();
  if (from === "")
    throw missing("MESSAGE_FROM", "under [vars], an address of a domain that Email Service knows.");
  const publicUrl = PUBLIC_URL.trim().replace(/\/+$/, "") || null;
  return new EmailAdapter(mailbox, { binding, from, publicUrl }, runtime);
}

function missing(what: string, how: string): Error {
  return new Error(`MESSAGE_ADAPTER is "email", but ${what} is not set. ${HELP} ${how}`);
}
