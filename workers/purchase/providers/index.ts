import { scheduleOf, type TimeScaleSetting } from "../../../domain/purchase/schedule.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { receiveWebhook, type WebhookEnv } from "../webhooks.ts";
import { bounded } from "./bounded.ts";
import type { PaymentProvider, WebhookReader } from "./provider.ts";
import { Sandbox, type SandboxDesk } from "./sandbox.ts";
import { SandboxWebhooks } from "./sandbox-webhooks.ts";

/** The name that stands for whichever provider is in use. */
export const DEFAULT_PROVIDER = "default";

/** What providers are made of. */
export type ProviderEnv = WebhookEnv &
  Pick<PurchaseEnv, "DB" | "SANDBOX_WEBHOOK_SECRET"> &
  TimeScaleSetting;

/** Keeps the invocation until the work is done, though its answer is out. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** The payment provider in use, each call of it bounded. */
export function providerOf(
  env: ProviderEnv,
  runtime: Runtime,
  waitUntil: WaitUntil,
): PaymentProvider {
  const { providerTimeoutMs } = scheduleOf(env);
  return bounded(sandboxOf(env, runtime, waitUntil), runtime, providerTimeoutMs);
}

/** Who reads the webhooks of a provider; `null` for a name whose webhooks nobody takes. */
export function webhookReaderOf(name: string, env: ProviderEnv): WebhookReader | null {
  if (name !== "sandbox" && name !== DEFAULT_PROVIDER) return null;
  return new SandboxWebhooks(env.SANDBOX_WEBHOOK_SECRET);
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
