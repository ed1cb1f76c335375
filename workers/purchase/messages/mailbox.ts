import { getTableColumns } from "drizzle-orm";
import { notifications } from "../../../d1/schema.ts";
import { database, rowsOf } from "../database.ts";
import type { Delivery, MessageAdapter, OutgoingMessage } from "./adapter.ts";

/** In the order of the table's columns. */
const FIELDS = Object.keys(getTableColumns(notifications));

/** The embedded mailbox: shoppers read it with `GET /notifications`. A repeat finds its row there. */
export class Mailbox implements MessageAdapter {
  readonly #env: Pick<PurchaseEnv, "DB">;

  constructor(env: Pick<PurchaseEnv, "DB">) {
    this.#env = env;
  }

  async deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]> {
    await database(this.#env)
      .insert(notifications)
      .select(rowsOf([...messages], FIELDS))
      .onConflictDoNothing();
    return messages.map(() => ({ kind: "delivered" }));
  }
}
