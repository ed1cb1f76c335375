import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runInDurableObject,
} from "cloudflare:test";
import type { PaymentDue, PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";
import { systemRuntime } from "../../../durable-objects/runtime.ts";
import type { Sku } from "../../../durable-objects/sku.ts";
import { consumePayments } from "../../../workers/purchase/consumers/payments.ts";
import { BreakerLink } from "../../../workers/purchase/providers/breaker-link.ts";
import { sandboxOf } from "../../../workers/purchase/providers/index.ts";
import type {
  PaymentProvider,
  PaymentRequest,
} from "../../../workers/purchase/providers/provider.ts";
import type { Sandbox } from "../../../workers/purchase/providers/sandbox.ts";
import { bindings, uniqueName } from "./objects.ts";

/** Runs an item's alarm and returns the payments that it asked for, instead of sending them. */
export async function alarmAsks(sku: DurableObjectStub<Sku>): Promise<PaymentDue[]> {
  return runInDurableObject(sku, async (object) => {
    const asked: PaymentDue[] = [];
    const env = (object as unknown as { env: { PAYMENT_QUEUE: Queue } }).env;
    const queue = env.PAYMENT_QUEUE;
    env.PAYMENT_QUEUE = {
      sendBatch: async (messages: { body: PaymentDue }[]) => {
        for (const { body } of messages) asked.push(body);
      },
    } as unknown as Queue;
    try {
      await object.alarm();
    } finally {
      env.PAYMENT_QUEUE = queue;
    }
    return asked;
  });
}

/** A batch of the payments queue, with bodies of any kind. */
export function paymentBatch(bodies: readonly unknown[]): MessageBatch<PaymentDue> {
  const messages = bodies.map((body, index) => ({
    id: `payment-${index}`,
    timestamp: new Date(),
    attempts: 1,
    body: body as PaymentDue,
  }));
  return createMessageBatch("ropeline-payments", messages);
}

/** The ids of a batch's messages that are to come again. */
export async function retriedOf(batch: MessageBatch): Promise<string[]> {
  const { retryMessages } = await getQueueResult(batch, createExecutionContext());
  return retryMessages.map(({ msgId }) => msgId);
}

/** The bindings of a consumer that cannot reach one item. */
export function envWithout(sku: string): Pick<PurchaseEnv, "SKU"> {
  const getByName = (name: string) => {
    if (name === sku) throw new Error("Network connection lost.");
    return bindings.SKU.getByName(name);
  };
  return { SKU: { getByName } as unknown as PurchaseEnv["SKU"] };
}

/** The sandbox; what it tells unasked is nobody's business here. */
export function bankOfTests(): Sandbox {
  return sandboxOf(bindings, systemRuntime, () => undefined);
}

/** A provider that has one way for all steps, and notes what it is asked. */
export abstract class WatchedProvider implements PaymentProvider {
  readonly asked: [PaymentStep, string][] = [];

  authorise(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#ask("authorise", request);
  }

  enquire(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#ask("enquire", request);
  }

  capture(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#ask("capture", request);
  }

  void(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#ask("void", request);
  }

  refund(request: PaymentRequest): Promise<PaymentOutcome> {
    return this.#ask("refund", request);
  }

  protected abstract answer(step: PaymentStep, request: PaymentRequest): Promise<PaymentOutcome>;

  #ask(step: PaymentStep, request: PaymentRequest): Promise<PaymentOutcome> {
    this.asked.push([step, request.idempotencyKey]);
    return this.answer(step, request);
  }
}

/** A provider before another one, which may be down. */
export class Outage extends WatchedProvider {
  /** `before`: what is asked never arrives. `after`: it is done, and the answer is lost. */
  down: "no" | "before" | "after" = "no";
  readonly #provider: PaymentProvider;

  constructor(provider: PaymentProvider) {
    super();
    this.#provider = provider;
  }

  protected override async answer(
    step: PaymentStep,
    request: PaymentRequest,
  ): Promise<PaymentOutcome> {
    if (this.down === "before") return { kind: "unknown" };
    const outcome = await this.#provider[step](request);
    return this.down === "after" ? { kind: "unknown" } : outcome;
  }
}

/** Messages of one batch, as the purchase Worker's `wrangler.toml` has them. */
const BATCH_MAX = 50;

/** The real consumer and a breaker of its own, driven by hand instead of by alarm and queue. */
export class PaymentLine {
  readonly breaker = bindings.PROVIDER_BREAKER.getByName(uniqueName("provider"));
  readonly link = new BreakerLink(() => this.breaker, systemRuntime);
  env: Pick<PurchaseEnv, "SKU"> = bindings;
  readonly #provider: PaymentProvider;

  constructor(provider: PaymentProvider) {
    this.#provider = provider;
  }

  /** Has consumed what is given, as one batch. */
  async consume(...bodies: unknown[]): Promise<MessageBatch<PaymentDue>> {
    const batch = paymentBatch(bodies);
    await consumePayments(this.env, batch, this.#provider, this.link);
    return batch;
  }

  /** Runs an item's alarm, and has consumed what it asks for; how many messages that were. */
  async run(sku: DurableObjectStub<Sku>): Promise<number> {
    const asked = await alarmAsks(sku);
    for (let from = 0; from < asked.length; from += BATCH_MAX)
      await this.consume(...asked.slice(from, from + BATCH_MAX));
    return asked.length;
  }
}
