import { and, eq, ne, sql } from "drizzle-orm";
import { sandboxPayments } from "../../../d1/schema.ts";
import { sha256Hex } from "../../../domain/hash.ts";
import type { PaymentOutcome } from "../../../domain/purchase/payment.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database } from "../database.ts";
import type { PaymentProvider, PaymentRequest } from "./provider.ts";

/** How long a call hangs that times out: short, so that a local flood stays short. */
const TIMEOUT_MS = 200;

/**
 * The embedded provider: every outcome by token, with durable books of its own.
 *
 * `tok_ok` is authorised, `tok_decline` declined; `tok_timeout` times out once, then is authorised or
 * declined by order id. Any other token is declined.
 */
export class Sandbox implements PaymentProvider {
  readonly #db: D1Database;
  readonly #runtime: Runtime;

  constructor(db: D1Database, runtime: Runtime) {
    this.#db = db;
    this.#runtime = runtime;
  }

  async authorise(request: PaymentRequest): Promise<PaymentOutcome> {
    const { idempotencyKey, amount, currency } = request;
    const [row] = await database({ DB: this.#db })
      .insert(sandboxPayments)
      .values({ idempotencyKey, amount, currency, state: "asked", asked: 1 })
      .onConflictDoUpdate({
        target: sandboxPayments.idempotencyKey,
        set: { asked: sql`${sandboxPayments.asked} + 1` },
      })
      .returning();
    if (row?.state === "voided") return { kind: "declined", reason: "voided" };
    if (row && row.state !== "asked") return { kind: "authorised" };
    if (request.token === "tok_timeout" && row?.asked === 1) {
      await new Promise<void>((resolve) => this.#runtime.setTimer(resolve, TIMEOUT_MS));
      return { kind: "unknown" };
    }
    if (!accepts(request)) return { kind: "declined", reason: "card_declined" };
    await this.#move(idempotencyKey, "asked", "authorised");
    return { kind: "authorised" };
  }

  async capture({ idempotencyKey }: PaymentRequest): Promise<PaymentOutcome> {
    await this.#move(idempotencyKey, "authorised", "captured");
    return { kind: "captured" };
  }

  /** Also of a key that was never seen: an authorisation that arrives later finds it voided. */
  async void({ idempotencyKey, amount, currency }: PaymentRequest): Promise<PaymentOutcome> {
    await database({ DB: this.#db })
      .insert(sandboxPayments)
      .values({ idempotencyKey, amount, currency, state: "voided", asked: 0 })
      .onConflictDoUpdate({
        target: sandboxPayments.idempotencyKey,
        set: { state: "voided" },
        setWhere: ne(sandboxPayments.state, "captured"),
      });
    return { kind: "voided" };
  }

  /** Books a step from the state it expects: a repeat or a late one changes nothing. */
  async #move(idempotencyKey: string, from: string, to: string): Promise<void> {
    const { idempotencyKey: key, state } = sandboxPayments;
    await database({ DB: this.#db })
      .update(sandboxPayments)
      .set({ state: to })
      .where(and(eq(key, idempotencyKey), eq(state, from)));
  }
}

function accepts({ token, orderId }: PaymentRequest): boolean {
  if (token === "tok_timeout") return Number.parseInt(sha256Hex(orderId).slice(0, 2), 16) < 128;
  return token === "tok_ok";
}
