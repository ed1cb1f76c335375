import type { PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { PaymentProvider, PaymentRequest } from "./provider.ts";

/** The provider, each call of which is `unknown` when it fails or takes longer than `timeoutMs`. */
export function bounded(
  provider: PaymentProvider,
  runtime: Pick<Runtime, "setTimer" | "clearTimer">,
  timeoutMs: number,
): PaymentProvider {
  const call =
    (step: PaymentStep) =>
    async (request: PaymentRequest): Promise<PaymentOutcome> => {
      try {
        return await inTime(provider[step](request), runtime, timeoutMs);
      } catch (error) {
        const { idempotencyKey } = request;
        console.warn({ event: "provider.unknown", step, idempotencyKey, why: String(error) });
        return { kind: "unknown" };
      }
    };
  return {
    authorise: call("authorise"),
    enquire: call("enquire"),
    capture: call("capture"),
    void: call("void"),
    refund: call("refund"),
  };
}

/** The answer of a call. @throws when it takes longer than `timeoutMs`; the call itself may go on. */
export function inTime<Answer>(
  answer: PromiseLike<Answer>,
  runtime: Pick<Runtime, "setTimer" | "clearTimer">,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = runtime.setTimer(() => {
      reject(new Error(`no answer in ${timeoutMs} ms`));
    }, timeoutMs);
    void Promise.resolve(answer.then(resolve, reject)).finally(() => {
      runtime.clearTimer(timer);
    });
  });
}
