import { stripeClient } from "./stripe-client.ts";
import { StoredIntents } from "./stripe-intents.ts";
import { StripeWebhookReader } from "./stripe-webhook.ts";
import { StripeProvider } from "./stripe.ts";

/** What Stripe needs to be told; all absent while the sandbox is the provider. */
export interface StripeSettings {
  /** A secret: `sk_live_…`, `sk_test_…` or a restricted key. */
  readonly STRIPE_SECRET_KEY?: string;
  /** A secret: `whsec_…`, of the endpoint that Stripe sends its events to. */
  readonly STRIPE_WEBHOOK_SECRET?: string;
  /** Where the shop's pages are: `https://shop.example`. */
  readonly PUBLIC_URL?: string;
}

const SECRET_HELP = "Set it with: wrangler secret put NAME -c workers/purchase/wrangler.toml";
const URL_HELP =
  "Set it in workers/purchase/wrangler.toml under [vars]: the origin of the shop's pages.";

/**
 * Stripe as the provider of payments.
 *
 * @param timeoutMs how long one call may take.
 * @throws when a setting is missing.
 */
export function stripeProviderOf(
  env: StripeSettings & Pick<PurchaseEnv, "DB">,
  timeoutMs: number,
): StripeProvider {
  const secretKey = required(env, "STRIPE_SECRET_KEY", SECRET_HELP);
  const publicUrl = required(env, "PUBLIC_URL", URL_HELP).replace(/\/+$/, "");
  return new StripeProvider(
    stripeClient({ secretKey, timeoutMs }),
    new StoredIntents(env.DB),
    publicUrl,
  );
}

/** @throws when the setting is missing. */
export function stripeReaderOf(env: StripeSettings): StripeWebhookReader {
  return new StripeWebhookReader(required(env, "STRIPE_WEBHOOK_SECRET", SECRET_HELP));
}

function required(env: StripeSettings, name: keyof StripeSettings, help: string): string {
  const value = env[name]?.trim() ?? "";
  if (value !== "") return value;
  throw new Error(
    `PAYMENT_PROVIDER is "stripe", but ${name} is not set. ${help.replace("NAME", name)}`,
  );
}
