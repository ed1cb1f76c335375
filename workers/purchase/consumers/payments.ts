import type { BreakerReport } from "../../../domain/purchase/breaker.ts";
import type { PaymentDue, PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";
import type { BreakerLink } from "../providers/breaker-link.ts";
import type { PaymentProvider, PaymentRequest } from "../providers/provider.ts";
import { isReadablePayment } from "./messages.ts";

/** Steps of one message, at the most: enquire, void, and where that was too late refund. */
const STEPS_MAX = 3;
/**
 * A message whose item could not be reached comes again after this. The last try comes later than the item
 * sends a new message at first: a passing failure needs no person.
 */
const RETRY_DELAY_SECONDS = 5;
/** Money of an attempt that is over is tried again after this: a provider that is down is back, or a person looks. */
const GIVE_BACK_DELAY_SECONDS = 60;

/** Outcomes after which money may still be where it was. */
const NOT_DONE: ReadonlySet<PaymentOutcome["kind"]> = new Set([
  "refused",
  "unavailable",
  "unknown",
]);

/** The bindings that the consumer uses. */
export type PaymentsEnv = Pick<PurchaseEnv, "SKU">;

type PaymentMessage = Message<PaymentDue>;

/**
 * Asks the provider and reports to the item, which decides and is the only one to remember. The
 * provider's breaker is read once a batch, and told once what became of it; while it is open, items hear
 * that the provider is unavailable, and nobody is asked.
 */
export async function consumePayments(
  env: PaymentsEnv,
  batch: MessageBatch<PaymentDue>,
  provider: PaymentProvider,
  breaker: BreakerLink,
): Promise<void> {
  const [first, ...others] = batch.messages.filter(isReadablePayment);
  if (!first) return;
  const payments = new Payments(env, provider);
  const permit = await breaker.admit();
  switch (permit.kind) {
    case "ask":
      return breaker.report(await payments.ask([first, ...others]));
    case "wait":
      return payments.putOff([first, ...others], permit.untilMs);
    case "try": {
      const { untilMs } = permit;
      const trial = await payments.ask([first], { kind: "unavailable", untilMs, isTried: true });
      await breaker.report({ ...trial, isTrial: true });
      if (trial.failures > 0) return payments.putOff(others, untilMs);
      if (others.length > 0) return breaker.report(await payments.ask(others));
    }
  }
}

/** The messages of one batch. */
class Payments {
  readonly #env: PaymentsEnv;
  readonly #provider: PaymentProvider;

  constructor(env: PaymentsEnv, provider: PaymentProvider) {
    this.#env = env;
    this.#provider = provider;
  }

  /**
   * Asks the provider about each, and counts what it answered.
   *
   * @param silence what items hear when it answers nothing: the time counts, or in a trial it does not.
   */
  async ask(
    messages: readonly PaymentMessage[],
    silence: PaymentOutcome = { kind: "unknown" },
  ): Promise<BreakerReport> {
    const report: BreakerReport = { failures: 0, successes: 0, isTrial: false };
    await this.#each(messages, async (message) => {
      const { body } = message;
      let step: PaymentStep | null = body.step;
      for (let taken = 0; step && taken < STEPS_MAX; taken++) {
        const outcome = await this.#provider[step](requestOf(body));
        const isSilent = outcome.kind === "unknown" && outcome.isPending !== true;
        if (isSilent) report.failures += 1;
        else report.successes += 1;
        const next = await this.#tell(message, isSilent ? silence : outcome);
        step = outcome.kind === "unknown" ? null : next;
      }
    });
    return report;
  }

  /** Tells the items that the provider may be asked again at `untilMs`. */
  async putOff(messages: readonly PaymentMessage[], untilMs: number): Promise<void> {
    await this.#each(messages, async (message) => {
      await this.#tell(message, { kind: "unavailable", untilMs });
    });
  }

  /**
   * Reports to the item; what it asks for next. Where the attempt is over, nobody but the message knows
   * whether money is to go back: it comes again until that is done.
   */
  async #tell(message: PaymentMessage, outcome: PaymentOutcome): Promise<PaymentStep | null> {
    const { sku, orderId, attempt } = message.body;
    const told = await this.#env.SKU.getByName(sku).paymentResult(orderId, attempt, outcome);
    if (!told.ok) return null;
    if (told.isOver === true && NOT_DONE.has(outcome.kind))
      message.retry({ delaySeconds: GIVE_BACK_DELAY_SECONDS });
    return told.next;
  }

  /** One message that fails does not keep the others from being paid; it comes again. */
  async #each(
    messages: readonly PaymentMessage[],
    handle: (message: PaymentMessage) => Promise<void>,
  ): Promise<void> {
    await Promise.all(
      messages.map((message) =>
        handle(message).catch((error: unknown) => {
          const { orderId } = message.body;
          console.warn({ event: "payment.failed", orderId, error: String(error) });
          message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
        }),
      ),
    );
  }
}

function requestOf({ orderId, attempt, token, amount, currency }: PaymentDue): PaymentRequest {
  return { orderId, idempotencyKey: `${orderId}:${attempt}`, token, amount, currency };
}
