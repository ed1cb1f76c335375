import { getTableColumns, sql } from "drizzle-orm";
import { notifications } from "../../../d1/schema.ts";
import { rowsOf, Wording, words } from "../database.ts";
import type { Delivery, MailTable, MessageAdapter, OutgoingMessage } from "./adapter.ts";

const INSERT = new Wording(
  words
    .insert(notifications)
    .select(rowsOf(sql.placeholder("rows"), Object.keys(getTableColumns(notifications))))
    .onConflictDoNothing(),
);

/** The embedded mailbox: shoppers read it with `GET /notifications`. A repeat finds its row there. */
export class Mailbox implements MessageAdapter, MailTable {
  readonly #env: Pick<PurchaseEnv, "DB">;

  constructor(env: Pick<PurchaseEnv, "DB">) {
    this.#env = env;
  }

  async deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]> {
    await this.delivery(this.#env.DB, messages).run();
    return messages.map(() => ({ kind: "delivered" }));
  }

  takes(): boolean {
    return true;
  }

  delivery(db: D1Database, messages: readonly OutgoingMessage[]): D1PreparedStatement {
    return INSERT.with(db, { rows: JSON.stringify(messages) });
  }
}
