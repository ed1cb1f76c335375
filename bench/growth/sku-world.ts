import { FIND_HOLDS } from "../../durable-objects/sku-tables.ts";
import { Sku, type SkuEnv } from "../../durable-objects/sku.ts";
import { ManualRuntime } from "../../test/system/support/manual-runtime.ts";
import { checkoutOf, reservation } from "../../test/system/support/samples.ts";
import { cloneRows, MARK } from "./clone.ts";
import {
  accepted,
  answered,
  anywhere,
  endlessControl,
  FAR_MS,
  ORIGIN,
  type Step,
  type World,
} from "./world.ts";

/** Of a hundred holds so many are still open, and so many have run out; the others are sold. */
const OPEN_PERCENT = 5;
const EXPIRED_PERCENT = 5;
/** Purchases of one commit. */
const TOGETHER = 100;
const HOLD_SECONDS = 120;
/** Time for ledger pages to leave, and for the report after that. */
const PAGES_MS = 100;
const REPORT_MS = 150;
/** As long as in production: 22 characters of a guest, and an id of 34 behind the SKU. */
const PAD = "x".repeat(12);

/** One item that has so many holds. */
export class SkuWorld implements World {
  readonly storage: DurableObjectStorage;
  readonly runtime = new ManualRuntime();
  readonly #sku: Sku;
  readonly #holds: number;
  #sequence = 0;
  #names = 0;

  private constructor(state: DurableObjectState, holds: number) {
    this.storage = state.storage;
    this.#holds = holds;
    this.#sku = new Sku(state, environment(), this.runtime);
  }

  /** The item with its holds, of which most are sold; everything that they led to is acknowledged. */
  static async open(state: DurableObjectState, holds: number): Promise<SkuWorld> {
    const world = new SkuWorld(state, holds);
    const terms = {
      saleId: "drop",
      sku: "phone",
      price: { amount: 49_900, currency: "EUR" },
      perShopper: 2,
      holdSeconds: HOLD_SECONDS,
    };
    await world.#call(world.#sku.create(terms, endlessControl(), 10 * holds + 1_000_000));
    await world.#fill(holds);
    return world;
  }

  async #fill(holds: number): Promise<void> {
    const { sql } = this.storage;
    await this.#buy(`gone${MARK}`);
    await this.runtime.advance(HOLD_SECONDS * 1_000);
    await this.#sku.alarm();
    await this.#buy(`open${MARK}`);
    const sold = await this.#buy(`sold${MARK}`);
    await this.#pay(sold, (_, run) => run());
    const count = (percent: number): number => Math.round((holds * percent) / 100) - 1;
    const kinds = {
      gone: count(EXPIRED_PERCENT),
      open: count(OPEN_PERCENT),
      sold: count(100 - OPEN_PERCENT - EXPIRED_PERCENT),
    };
    for (const [kind, copies] of Object.entries(kinds)) {
      const where = `t.shopper = '${shopperOf(`${kind}${MARK}`)}'`;
      const lapses = `CASE WHEN t.lapses_at_ms IS NULL THEN NULL ELSE ${FAR_MS} + n.i END`;
      await cloneRows(this.storage, {
        table: "hold",
        where,
        count: copies,
        columns: { id: "NULL", lapses_at_ms: lapses },
      });
      await this.#fillLedger(kind, copies);
    }
    for (const statement of FIND_HOLDS) sql.exec(statement);
    // The templates are holds like the others.
    sql.exec(
      "UPDATE hold SET lapses_at_ms = ? WHERE lapses_at_ms IS NOT NULL AND lapses_at_ms < ?",
      FAR_MS,
      FAR_MS,
    );
    const held = kinds.open + 1;
    sql.exec(
      `UPDATE item SET sequence = (SELECT max(sequence) FROM ledger), held = ?1, sold = ?2,
         available = stock - ?1 - ?2`,
      held,
      kinds.sold + 1,
    );
    sql.exec("UPDATE item SET projected_through = sequence, reported_through = sequence");
    this.#sequence = this.#lastSequence();
  }

  async #fillLedger(kind: string, count: number): Promise<void> {
    const where = `t.event LIKE '%${kind}${MARK}%'`;
    const query = `SELECT count(*) AS count, min(sequence) AS first FROM ledger AS t WHERE ${where}`;
    const own = this.storage.sql.exec<{ count: number; first: number }>(query).one();
    const sequence = `${this.#lastSequence()} + (n.i - 1) * ${own.count} + t.sequence - ${own.first} + 1`;
    const event = `replace(replace(t.event, '${MARK}', printf('@%07d', n.i)),
      '"sequence":' || t.sequence || ',', '"sequence":' || (${sequence}) || ',')`;
    await cloneRows(this.storage, { table: "ledger", where, count, columns: { sequence, event } });
  }

  async turn(turn: number, step: Step): Promise<void> {
    const ada = this.#newcomer(`ada${turn}`);
    const order = await step("purchase", () => this.#buy(ada));
    await step("purchase, said again", () => this.#buy(ada), "changes nothing");
    const read = async () => accepted(this.#sku.order(order, shopperOf(ada)));
    await step("order read", read, "changes nothing");
    await this.#pay(order, step);
    const bob = this.#newcomer(`bob${turn}`);
    const other = await this.#buy(bob);
    await step("cancel", () => this.#call(this.#sku.cancel(other, shopperOf(bob), ORIGIN)));
    const crowd = Array.from({ length: TOGETHER }, (_, index) =>
      this.#newcomer(`${turn}-${index}`),
    );
    await step(`${TOGETHER} purchases in one commit`, () =>
      Promise.all(crowd.map((name) => this.#buy(name))),
    );
    await step("ledger pages sent", () => this.runtime.advance(PAGES_MS));
    await step("report to the line", () => this.runtime.advance(REPORT_MS));
    const last = this.#lastSequence();
    await step("pages acknowledged", async () => this.#acknowledge(last));
    await this.runtime.advance(HOLD_SECONDS * 1_000);
    await step(`${TOGETHER} holds expire, by alarm`, () => this.#sku.alarm());
    await this.runtime.advance(PAGES_MS + REPORT_MS);
    this.#acknowledge(this.#lastSequence());
  }

  /** A card payment from the checkout to its end. */
  async #pay(orderId: string, step: Step): Promise<void> {
    const { shopper } = this.storage.sql
      .exec<{ shopper: string }>("SELECT shopper FROM hold WHERE order_id = ?", orderId)
      .one();
    const command = checkoutOf({ bodyHash: "b".repeat(64), from: ORIGIN });
    await step("checkout", () => this.#call(this.#sku.checkout(orderId, shopper, command)));
    await step("payment due, by alarm", () => this.#sku.alarm());
    await step("payment confirmed", () =>
      this.#call(this.#sku.paymentResult(orderId, 1, { kind: "authorised" })),
    );
    await step("payment captured", () =>
      this.#call(this.#sku.paymentResult(orderId, 1, { kind: "captured" })),
    );
  }

  /** A name that comes to stand anywhere among the others, as shoppers' do. */
  #newcomer(name: string): string {
    this.#names += 1;
    return `sold@${anywhere(this.#names, this.#holds)}${name}`;
  }

  /** Ids begin with the time: those of newcomers stand behind all others. A repeat brings another one. */
  #orderIdOf(name: string): string {
    const time = name.includes(MARK) ? name : `till${String(this.#names).padStart(7, "0")}${name}`;
    return `phone.order.${time}.${PAD}`;
  }

  async #buy(name: string): Promise<string> {
    const command = reservation(shopperOf(name), {
      orderId: this.#orderIdOf(name),
      idempotencyKey: `key-of-${name}-${PAD}`,
      bodyHash: "a".repeat(64),
      passExpiresAtMs: FAR_MS,
      from: ORIGIN,
    });
    return (await this.#call(this.#sku.reserve(command))).orderId;
  }

  async #call<Answer extends { ok: boolean }>(call: Promise<Answer>) {
    return accepted(await answered(this.runtime, call));
  }

  #acknowledge(last: number): void {
    this.#sku.acked(this.#sequence + 1, last);
    this.#sequence = last;
  }

  #lastSequence(): number {
    return this.storage.sql.exec<{ last: number }>("SELECT max(sequence) AS last FROM ledger").one()
      .last;
  }
}

/** What tells shoppers apart stands at both ends, as in random names. */
function shopperOf(name: string): string {
  const from = name.indexOf("@");
  const through = from + MARK.length;
  return `${name.slice(from, through)}${PAD}${name.slice(0, from)}${name.slice(through)}`;
}

/** Queues that take everything, and a sequencer that has nothing new. */
function environment(): SkuEnv {
  const send = () => Promise.resolve();
  const report = () => Promise.resolve({ ok: true, control: endlessControl() });
  return {
    LEDGER_QUEUE: { send, sendBatch: send },
    PAYMENT_QUEUE: { send, sendBatch: send },
    QUEUE_SEQUENCER: { getByName: () => ({ report }) },
  } as unknown as SkuEnv;
}
