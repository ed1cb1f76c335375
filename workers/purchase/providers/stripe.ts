import type { Stripe } from "stripe";
import type { PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";
import {
  splitKey,
  type CardReader,
  type PaymentProvider,
  type PaymentRequest,
} from "./provider.ts";
import { ask, attempt, codeOf, type Attempt } from "./stripe-client.ts";
import type { IntentBook } from "./stripe-intents.ts";
import {
  isCapturedWhole,
  isPaidBack,
  isSupported,
  isUntried,
  outcomeOf,
} from "./stripe-outcomes.ts";

type Intent = Stripe.PaymentIntent;

/** Whether a charge was given back stands on the charge. */
const WITH_CHARGE = { expand: ["latest_charge"] };
const NO_SUCH_PAYMENT = "no such payment";

/**
 * Stripe. One PaymentIntent a key, made without being confirmed and written down before anything else is
 * asked of it, so that money only ever moves on the intent that the book names:
 * - a repeat finds the same intent, now or in a month, and reads how it stands before it does anything;
 * - `void` of a key that was never seen makes the intent and cancels it: an authorisation that comes later
 *   finds it cancelled.
 *
 * Stripe replays what it answered to an idempotency key, errors of its own included, for a day. So keys
 * are given where a repeat would make something twice (the intent, the question to the bank). Capture,
 * cancel and refund have none: the intent itself allows each of them once, and a retry has to reach it.
 */
export class StripeProvider implements PaymentProvider, CardReader {
  readonly #stripe: Stripe;
  readonly #book: IntentBook;
  readonly #publicUrl: string;

  /** @param publicUrl the origin of our pages, where the shopper comes back to from the bank. */
  constructor(stripe: Stripe, book: IntentBook, publicUrl: string) {
    this.#stripe = stripe;
    this.#book = book;
    this.#publicUrl = publicUrl;
  }

  async authorise(request: PaymentRequest): Promise<PaymentOutcome> {
    if (!isSupported(request.currency))
      return { kind: "declined", reason: "currency_not_supported" };
    const { answer: intent, error: refusal } = await this.#findOrMake(request);
    if (refusal) return { kind: "declined", reason: codeOf(refusal) };
    if (!isUntried(intent)) return told(intent);
    const { idempotencyKey, token, orderId } = request;
    const { answer, error } = await attempt(
      this.#stripe.paymentIntents.confirm(
        intent.id,
        {
          payment_method: token,
          return_url: `${this.#publicUrl}/order?id=${encodeURIComponent(orderId)}`,
          ...WITH_CHARGE,
        },
        { idempotencyKey: `${idempotencyKey}:confirm` },
      ),
    );
    if (!error) return told(answer);
    // It may have been confirmed or cancelled a moment ago; if not, this card cannot be used.
    const now = await this.#read(intent.id);
    return isUntried(now) ? { kind: "declined", reason: codeOf(error) } : told(now);
  }

  async enquire({ idempotencyKey }: PaymentRequest): Promise<PaymentOutcome> {
    const id = await this.#book.find(idempotencyKey);
    return id === null ? { kind: "unknown", isPending: true } : outcomeOf(await this.#read(id));
  }

  async capture({ idempotencyKey }: PaymentRequest): Promise<PaymentOutcome> {
    const id = await this.#book.find(idempotencyKey);
    if (id === null) return refused("capture", NO_SUCH_PAYMENT);
    const { answer, error } = await attempt(this.#stripe.paymentIntents.capture(id, WITH_CHARGE));
    const intent = answer ?? (await this.#read(id));
    if (isPaidBack(intent)) return { kind: "refunded" };
    if (isCapturedWhole(intent)) return { kind: "captured" };
    if (intent.status === "succeeded") return refused("capture", "captured in part");
    if (intent.status === "processing") return { kind: "unknown", isPending: true };
    return refused(
      "capture",
      intent.status === "canceled" || !error ? intent.status : codeOf(error),
    );
  }

  async void(request: PaymentRequest): Promise<PaymentOutcome> {
    const { answer: found, error: refusal } = await this.#findOrMake(request);
    if (refusal) return refused("void", codeOf(refusal));
    if (found.status === "canceled") return { kind: "voided" };
    const { answer } =
      found.status === "succeeded"
        ? { answer: found }
        : await attempt(this.#stripe.paymentIntents.cancel(found.id, WITH_CHARGE));
    const intent = answer ?? (await this.#read(found.id));
    if (intent.status === "canceled") return { kind: "voided" };
    if (intent.status !== "succeeded") return { kind: "unknown", isPending: true };
    return { kind: isPaidBack(intent) ? "refunded" : "captured" };
  }

  /** What Stripe has accepted is refunded: it keeps at it where its balance does not cover it yet. */
  async refund({ idempotencyKey, orderId }: PaymentRequest): Promise<PaymentOutcome> {
    const id = await this.#book.find(idempotencyKey);
    if (id === null) return refused("refund", NO_SUCH_PAYMENT);
    const intent = await this.#read(id);
    if (intent.status === "canceled") return { kind: "voided" };
    if (isPaidBack(intent)) return { kind: "refunded" };
    if (intent.status !== "succeeded") return refused("refund", intent.status);
    // Without an amount: all that is left.
    const { answer, error } = await attempt(
      this.#stripe.refunds.create({ payment_intent: id, metadata: { orderId } }),
    );
    if (error)
      return isPaidBack(await this.#read(id))
        ? { kind: "refunded" }
        : refused("refund", codeOf(error));
    const { status } = answer;
    const isLost = status === "failed" || status === "canceled";
    return isLost ? refused("refund", `refund ${status}`) : { kind: "refunded" };
  }

  /** What stands for the card behind a token; `null` when there is no such card. */
  async fingerprint(token: string): Promise<string | null> {
    const { answer } = await attempt(this.#stripe.paymentMethods.retrieve(token));
    return answer?.card?.fingerprint ?? null;
  }

  async #findOrMake(request: PaymentRequest): Promise<Attempt<Intent>> {
    const { idempotencyKey, orderId, amount, currency } = request;
    const known = await this.#book.find(idempotencyKey);
    if (known !== null) return { answer: await this.#read(known), error: null };
    const made = await attempt(
      this.#stripe.paymentIntents.create(
        {
          amount,
          currency: currency.toLowerCase(),
          capture_method: "manual",
          allowed_payment_method_types: ["card"],
          metadata: { orderId, attempt: splitKey(idempotencyKey).attempt },
        },
        { idempotencyKey: `${idempotencyKey}:create` },
      ),
    );
    if (made.error) return made;
    const id = await this.#book.remember(idempotencyKey, made.answer.id);
    return id === made.answer.id ? made : { answer: await this.#read(id), error: null };
  }

  #read(id: string): Promise<Intent> {
    return ask(this.#stripe.paymentIntents.retrieve(id, WITH_CHARGE));
  }
}

/** To an authorisation a cancelled intent is a no, as it is to the shopper. */
function told(intent: Intent): PaymentOutcome {
  const outcome = outcomeOf(intent);
  return outcome.kind === "voided" ? { kind: "declined", reason: "voided" } : outcome;
}

function refused(
  step: Exclude<PaymentStep, "authorise" | "enquire">,
  reason: string,
): PaymentOutcome {
  return { kind: "refused", step, reason };
}
