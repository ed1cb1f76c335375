import { eq } from "drizzle-orm";
import { stripeIntents } from "../../../d1/schema.ts";
import { database } from "../database.ts";

/** Which PaymentIntent belongs to a key; the first one that was written stays. */
export interface IntentBook {
  find(idempotencyKey: string): Promise<string | null>;
  /** Writes the intent of a key, and says which one it is: another writer may have been first. */
  remember(idempotencyKey: string, intentId: string): Promise<string>;
}

/** The book in D1, where it outlives every retention time of Stripe. */
export class StoredIntents implements IntentBook {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async find(idempotencyKey: string): Promise<string | null> {
    const [row] = await this.#rowOf(idempotencyKey);
    return row?.intentId ?? null;
  }

  async remember(idempotencyKey: string, intentId: string): Promise<string> {
    const [, [row]] = await database({ DB: this.#db }).batch([
      database({ DB: this.#db })
        .insert(stripeIntents)
        .values({ idempotencyKey, intentId })
        .onConflictDoNothing(),
      this.#rowOf(idempotencyKey),
    ]);
    if (!row) throw new Error("A row that was just written is not there.");
    return row.intentId;
  }

  #rowOf(idempotencyKey: string) {
    return database({ DB: this.#db })
      .select()
      .from(stripeIntents)
      .where(eq(stripeIntents.idempotencyKey, idempotencyKey));
  }
}
