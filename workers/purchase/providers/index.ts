import type { PaymentStep } from "../../../domain/purchase/payment.ts";
import { scheduleOf, type TimeScaleSetting } from "../../../domain/purchase/schedule.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { receiveWebhook, type WebhookEnv } from "../webhooks.ts";
import { bounded, inTime } from "./bounded.ts";
import type { CardReader, PaymentProvider, ProviderBooks, WebhookReader } from "./provider.ts";
import { Sandbox, type SandboxDesk } from "./sandbox.ts";
import { listSandboxPayments } from "./sandbox-books.ts";
import { SandboxWebhooks } from "./sandbox-webhooks.ts";
import type { StripeSettings } from "./stripe-settings.ts";

/** The name that stands for whichever provider is in use. */
export const DEFAULT_PROVIDER = "default";

/** Which provider takes the money; absent: the sandbox. */
export interface ProviderSetting {
  readonly PAYMENT_PROVIDER?: string;
}

/** What providers are made of. */
export type ProviderEnv = WebhookEnv &
  Pick<PurchaseEnv, "DB" | "SANDBOX_WEBHOOK_SECRET"> &
  TimeScaleSetting &
  ProviderSetting &
  StripeSettings;

/** Keeps the invocation until the work is done, though its answer is out. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** @throws when the setting names no provider. */
export function providerName({ PAYMENT_PROVIDER = "sandbox" }: ProviderSetting): ProviderName {
  if (PAYMENT_PROVIDER === "sandbox" || PAYMENT_PROVIDER === "stripe") return PAYMENT_PROVIDER;
  throw new Error(`PAYMENT_PROVIDER must be "sandbox" or "stripe", not "${PAYMENT_PROVIDER}".`);
}

export type ProviderName = "sandbox" | "stripe";

/** The payment provider in use, each call of it bounded. */
export function providerOf(
  env: ProviderEnv,
  runtime: Runtime,
  waitUntil: WaitUntil,
): PaymentProvider {
  const { providerTimeoutMs } = scheduleOf(env);
  const provider =
    providerName(env) === "stripe"
      ? loadedAtUse(() => stripeOf(env))
      : sandboxOf(env, runtime, waitUntil);
  return bounded(provider, runtime, providerTimeoutMs);
}

/** Who tells cards apart: the provider in use, in the time that one call may take. */
export function cardReaderOf(env: ProviderEnv, runtime: Runtime): CardReader {
  const { providerTimeoutMs } = scheduleOf(env);
  return {
    async fingerprint(token) {
      const reader =
        providerName(env) === "stripe"
          ? await stripeOf(env)
          : sandboxOf(env, runtime, () => undefined);
      return inTime(reader.fingerprint(token), runtime, providerTimeoutMs);
    },
  };
}

/**
 * The books of the provider in use; `null` where they cannot be read by item. Stripe lists what happened in an
 * account by time alone, and looks for metadata in an index that lags behind.
 */
export function booksOf(env: ProviderSetting & Pick<PurchaseEnv, "DB">): ProviderBooks | null {
  if (providerName(env) !== "sandbox") return null;
  return {
    table: "sandbox_payment",
    async charges(sku, fromOrderId, limit) {
      // The keys of an order come after its id.
      return (await listSandboxPayments(env, sku, fromOrderId, limit)).rows;
    },
  };
}

/**
 * Who reads the webhooks of a provider; `null` for a name whose webhooks nobody takes. Only the provider
 * in use is believed: the secret of another one moves no money.
 */
export function webhookReaderOf(name: string, env: ProviderEnv): WebhookReader | null {
  const used = providerName(env);
  if (name !== used && name !== DEFAULT_PROVIDER) return null;
  if (used === "sandbox") return new SandboxWebhooks(env.SANDBOX_WEBHOOK_SECRET);
  return {
    async readWebhook(body, headers, nowMs) {
      const { stripeReaderOf } = await import("./stripe-settings.ts");
      return stripeReaderOf(env).readWebhook(body, headers, nowMs);
    },
  };
}

/** Stripe's SDK is big: an isolate that does not use it does not run it. */
async function stripeOf(env: ProviderEnv): Promise<PaymentProvider & CardReader> {
  const { stripeProviderOf } = await import("./stripe-settings.ts");
  return stripeProviderOf(env, scheduleOf(env).providerTimeoutMs);
}

function loadedAtUse(load: () => Promise<PaymentProvider>): PaymentProvider {
  const call =
    (step: PaymentStep): PaymentProvider[PaymentStep] =>
    async (request) =>
      (await load())[step](request);
  return {
    authorise: call("authorise"),
    enquire: call("enquire"),
    capture: call("capture"),
    void: call("void"),
    refund: call("refund"),
  };
}

/** The sandbox, as long as it is the provider in use. Its webhooks go the way of all webhooks. */
export function sandboxOf(env: ProviderEnv, runtime: Runtime, waitUntil: WaitUntil): Sandbox {
  const secret = env.SANDBOX_WEBHOOK_SECRET;
  const reader = new SandboxWebhooks(secret);
  const desk: SandboxDesk = {
    secret,
    async post(webhook, delayMs) {
      const sent = after(runtime, delayMs)
        .then(() => receiveWebhook(env, reader, webhook, runtime.now()))
        .then(
          (answer) => {
            if (!answer.ok) console.warn({ event: "sandbox.webhook_refused", code: answer.code });
          },
          (error: unknown) => {
            console.warn({ event: "sandbox.webhook_failed", error: String(error) });
          },
        );
      waitUntil(sent);
      await sent;
    },
  };
  return new Sandbox(env.DB, runtime, desk, scheduleOf(env));
}

async function after(runtime: Runtime, delayMs: number): Promise<void> {
  if (delayMs === 0) return;
  await new Promise<void>((resolve) => runtime.setTimer(resolve, delayMs));
}
