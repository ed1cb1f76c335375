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
    (request: PaymentRequest): Promise<PaymentOutcome> =>
      new Promise((resolve) => {
        const unknown = (why: string): void => {
          const { idempotencyKey } = request;
          console.warn({ event: "provider.unknown", step, idempotencyKey, why });
          resolve({ kind: "unknown" });
        };
        const timer = runtime.setTimer(() => {
          unknown(`no answer in ${timeoutMs} ms`);
        }, timeoutMs);
        provider[step](request).then(
          (outcome) => {
            runtime.clearTimer(timer);
            resolve(outcome);
          },
          (error: unknown) => {
            runtime.clearTimer(timer);
            unknown(String(error));
          },
        );
      });
  return {
    authorise: call("authorise"),
    enquire: call("enquire"),
    capture: call("capture"),
    void: call("void"),
    refund: call("refund"),
  };
}
