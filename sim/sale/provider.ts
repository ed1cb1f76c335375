import type { PaymentOutcome } from "../../domain/purchase/payment.ts";
import type { PaymentProvider, PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { connectionLost, type Caller, type Network } from "../platform/network.ts";

/** While the provider is down it answers nobody for this long: a payment may take 90 s. */
const DOWN_MIN_US = 30_000_000;
const DOWN_MAX_US = 150_000_000;

export type BookState = "declined" | "authorised" | "captured" | "voided";

/**
 * A payment provider behind the network. Every call has its effect once, by its key; what it did may
 * stay unknown to the caller. Nothing that was captured can be voided, and nothing voided captured.
 */
export class SimulatedProvider {
  /** What became of each attempt, by idempotency key. */
  readonly books = new Map<string, BookState>();
  readonly #kernel: Kernel;
  readonly #network: Network;
  #downUntilUs = 0;

  constructor(kernel: Kernel, network: Network) {
    this.#kernel = kernel;
    this.#network = network;
  }

  /** The provider as one consumer reaches it. */
  bind(caller: Caller): PaymentProvider {
    return {
      authorise: (request) => this.#ask(caller, () => this.#authorise(request)),
      capture: (request) => this.#ask(caller, () => this.#capture(request)),
      void: (request) => this.#ask(caller, () => this.#void(request)),
    };
  }

  /** An adapter says `unknown` where the call itself failed: the provider may have acted. */
  async #ask(caller: Caller, act: () => PaymentOutcome): Promise<PaymentOutcome> {
    try {
      const answer = await this.#network.exchange(caller, "provider", "provider", (reply) => {
        const { faults, dice } = this.#kernel;
        if (this.#isDown()) return reply({ ok: false, error: connectionLost() });
        if (!faults.happens("provider.unknown")) return reply({ ok: true, value: act() });
        if (dice.chance(0.5)) act();
        reply({ ok: false, error: connectionLost() });
      });
      return answer as PaymentOutcome;
    } catch {
      return { kind: "unknown" };
    }
  }

  #isDown(): boolean {
    const { scheduler, faults, dice } = this.#kernel;
    if (scheduler.nowUs >= this.#downUntilUs && faults.happens("provider.down"))
      this.#downUntilUs = scheduler.nowUs + dice.int(DOWN_MIN_US, DOWN_MAX_US);
    return scheduler.nowUs < this.#downUntilUs;
  }

  #authorise({ idempotencyKey, token }: PaymentRequest): PaymentOutcome {
    const known = this.books.get(idempotencyKey);
    const isFirst = idempotencyKey.endsWith(":1");
    const isDeclined = token === "tok_decline" || (token === "tok_declined_once" && isFirst);
    const state = known ?? (isDeclined ? "declined" : "authorised");
    this.books.set(idempotencyKey, state);
    if (state === "declined" || state === "voided") return { kind: "declined", reason: state };
    return { kind: "authorised" };
  }

  #capture({ idempotencyKey }: PaymentRequest): PaymentOutcome {
    const known = this.books.get(idempotencyKey);
    if (known !== "authorised" && known !== "captured")
      throw new Error(`A capture of ${idempotencyKey}, which is ${known ?? "unknown"}.`);
    this.books.set(idempotencyKey, "captured");
    return { kind: "captured" };
  }

  #void({ idempotencyKey }: PaymentRequest): PaymentOutcome {
    const known = this.books.get(idempotencyKey);
    if (known === "captured") throw new Error(`A void of ${idempotencyKey}, which is captured.`);
    this.books.set(idempotencyKey, known === "declined" ? "declined" : "voided");
    return { kind: "voided" };
  }
}
