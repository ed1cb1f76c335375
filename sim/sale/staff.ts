import type { Refusal } from "../../domain/problem.ts";
import { exportChains } from "../../workers/purchase/books/audit.ts";
import { noteInShop } from "../../workers/purchase/books/owners.ts";
import { Rebuild } from "../../workers/purchase/books/rebuild.ts";
import { verify } from "../../workers/purchase/books/verify.ts";
import { changeProduct } from "../../workers/purchase/catalogue.ts";
import { listEvents } from "../../workers/purchase/events/read.ts";
import { allOrders } from "../../workers/purchase/orders.ts";
import { changeSale, commandSale } from "../../workers/purchase/sales.ts";
import { summarise } from "../../workers/purchase/summary.ts";
import { FairnessReports } from "../../workers/waiting-room/fairness-reports.ts";
import type { Violate } from "../invariants/item.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { PRICE, type StaffStep } from "../plan/plan.ts";
import { PRODUCT } from "./admin.ts";
import { isBeneath } from "./bookkeeper.ts";
import { insist } from "./insist.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** Whether the tables in use have caught up is asked this often. */
const SETTLE_LOOK_US = 1_000_000;
/** Rows of one page: few, so that there are several. */
const PAGE_ROWS = 3;

/** So many of the staff restore the tables at once … */
const TOGETHER = 2;

/** … of whom so many have begun, and these have compared tables since. */
interface Rebuilding {
  begun: number;
  goOn: Set<Rebuild>;
}

const BY = { actor: "staff:other", reason: "simulated" };

/**
 * Somebody else of the staff, at work at the same time as the admin: names and prices things anew, stops the sale
 * with the admin, looks at everything, exports it, proves it, and makes the tables anew.
 */
export class Staff {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #violate: Violate;
  readonly #worker: WorkerCaller;
  readonly #env: PurchaseEnv;
  readonly #dice: Dice;

  constructor(world: World, witness: Witness, violate: Violate) {
    this.#world = world;
    this.#witness = witness;
    this.#violate = violate;
    this.#worker = new WorkerCaller(world.kernel, "staff");
    this.#env = { ...world.purchaseEnv(this.#worker), ...this.#waitingRoom() };
    this.#dice = world.kernel.dice.fork("staff");
  }

  /** Every step at its time; one whose service does not answer is left, unless it changes something. */
  async work(): Promise<void> {
    const { scheduler } = this.#world.kernel;
    for (const step of this.#world.plan.staff) {
      await scheduler.sleep(step.atMs * 1000 - scheduler.nowUs);
      await this.#try(() => this.#act(step));
    }
  }

  async #act({ kind, sku, value }: StaffStep): Promise<void> {
    switch (kind) {
      case "rename":
        await this.#rename(`Drop ${value}`);
        break;
      case "reprice":
        await this.#reprice(value);
        break;
      case "restock_twice":
        await this.#restockTwice(sku, value);
        break;
      case "stop_together":
        await this.#stopTogether();
        break;
      case "summary":
        await this.#summarise();
        break;
      case "orders":
        await this.#readThrough(
          (cursor) => allOrders(this.#env, { saleId: SALE_ID, status: null }, cursor, PAGE_ROWS),
          ({ orderId }) => orderId,
        );
        break;
      case "events":
        await this.#readThrough(
          (cursor) =>
            listEvents(
              this.#env,
              { saleId: SALE_ID, skus: [sku], ofSale: true },
              cursor,
              PAGE_ROWS,
            ),
          ({ id }) => id,
        );
        break;
      case "verify":
        await this.#verify();
        break;
      case "export":
        await this.#export();
        break;
      case "fairness":
        await this.#fairness();
        break;
      case "restore":
        await this.#restoreTogether();
        break;
      case "rebuild":
        await this.#rebuild(false, { begun: 0, goOn: new Set() });
        break;
    }
    this.#witness.covered.add(`staff.${kind}`);
  }

  /** A sale has the name that was told last. */
  async #rename(name: string): Promise<void> {
    this.#witness.name = null;
    const answer = await this.#insist(() => changeSale(this.#env, SALE_ID, { name }, BY));
    if (answer.ok) this.#witness.name = name;
  }

  async #reprice(amount: number): Promise<void> {
    this.#witness.price = null;
    const price = { ...PRICE, amount };
    const answer = await this.#insist(() =>
      changeProduct(this.#env, PRODUCT.productId, { price }, BY),
    );
    if (answer.ok) this.#witness.price = amount;
  }

  /** Two of the staff send the same delivery at once: it counts once, and under its id no other one does. */
  async #restockTwice(sku: string, quantity: number): Promise<void> {
    const commandId = `delivery-${this.#dice.int(0, 2 ** 31)}`;
    const send = (units: number) =>
      this.#insist(() => this.#env.SKU.getByName(sku).restock(units, "delivery", commandId, BY));
    const [first, second] = await Promise.all([send(quantity), send(quantity)]);
    if (!first.ok) return;
    this.#witness.restocked(sku, commandId, quantity);
    // Whoever came before the item was there may be told so; what else an answer has is its version's own.
    if (second.ok && levelIn(first) !== levelIn(second))
      this.#violate("restock.once", JSON.stringify([first, second]));
    const other = await send(quantity + 1);
    if (other.ok || other.code !== "idempotency_conflict")
      this.#violate("restock.once", `${commandId}: ${JSON.stringify(other)}`);
  }

  /** Pauses a sale and lets it go on, whatever the admin does meanwhile. */
  async #stopTogether(): Promise<void> {
    for (const command of ["pause", "resume"] as const)
      await this.#witness.commanding(command, () =>
        this.#insist(() => commandSale(this.#env, SALE_ID, command, BY)),
      );
  }

  async #summarise(): Promise<void> {
    const summary = await summarise(this.#env, SALE_ID);
    if (!summary) return;
    if (summary.oversold > 0) this.#violate("summary.true", `${summary.oversold} are oversold`);
    for (const { level } of summary.objects.skus)
      if (level.available + level.held + level.sold !== level.stock)
        this.#violate("summary.true", JSON.stringify(level));
  }

  /** A list that is read page by page has everything once, though the sale goes on. */
  async #readThrough<Row>(
    read: (cursor: string | null) => Promise<{ rows: Row[]; cursor: string | null }>,
    nameOf: (row: Row) => string,
  ): Promise<void> {
    const seen = new Set<string>();
    for (let cursor: string | null = null; ;) {
      const page = await read(cursor);
      for (const name of page.rows.map(nameOf)) {
        if (seen.has(name)) this.#violate("pages.once", `${name} is in two pages`);
        seen.add(name);
      }
      ({ cursor } = page);
      if (cursor === null) return;
    }
  }

  /** What is proved while the sale runs is genuine, too. */
  async #verify(): Promise<void> {
    for (let cursor: string | null = null; ;) {
      const answer = await verify(this.#env, this.#worker.runtime, cursor);
      if (!answer.ok) return;
      for (const finding of answer.verified.findings)
        this.#violate("books.genuine", JSON.stringify(finding));
      ({ cursor } = answer.verified);
      if (cursor === null) return;
    }
  }

  async #export(): Promise<void> {
    for (let cursor: string | null = null; ;) {
      const answer = await exportChains(this.#env, cursor);
      if (!answer.ok) return this.#violate("pages.once", `an export ends with ${answer.code}`);
      const lines = answer.lines.trimEnd().split("\n");
      const last = lines.map((line) => JSON.parse(line) as { cursor?: string }).at(-1);
      cursor = last?.cursor ?? null;
      if (cursor === null) return;
    }
  }

  async #fairness(): Promise<void> {
    const source = this.#world.sequencers(this.#worker).getByName(SALE_ID);
    await new FairnessReports(this.#worker.runtime).report(SALE_ID, source);
  }

  /** Two at once: the one that began later takes the tables from the other. */
  async #restoreTogether(): Promise<void> {
    const at: Rebuilding = { begun: 0, goOn: new Set() };
    await Promise.all(Array.from({ length: TOGETHER }, () => this.#rebuild(true, at)));
  }

  /** The tables made anew while the sale runs; whoever restores them changes nothing that is right. */
  async #rebuild(mends: boolean, at: Rebuilding): Promise<void> {
    if (mends) await noteInShop(this.#env, "tables_restored", {}, BY);
    const rebuild = new Rebuild(this.#env, this.#worker.runtime, mends);
    for (let cursor: string | null = null; ;) {
      const haveBegun = at.begun;
      const answer = await this.#insist(() => rebuild.step(cursor));
      if (!answer.ok) return this.#overtaken(answer);
      const { step } = answer;
      if (cursor === null) at.begun += 1;
      if (haveBegun === TOGETHER && step.phase !== "read") at.goOn.add(rebuild);
      if (at.goOn.size > 1) this.#violate("books.owned", "two rebuilds go on with the same tables");
      if (step.phase === "settle") await this.#world.kernel.scheduler.sleep(SETTLE_LOOK_US);
      // What is missing or older may be on its way: it is waited for a while, and no longer.
      for (const { table, surplus, named } of step.tables)
        if (surplus > 0) this.#violate("books.rebuilt", `${table}: ${JSON.stringify(named)}`);
      ({ cursor } = step);
      if (cursor === null) return;
    }
  }

  /** Whoever began later has the tables; a first step whose answer was lost may be that. */
  #overtaken({ code }: Refusal): void {
    if (code !== "rebuild_overtaken") this.#violate("books.rebuilt", `a step ends with ${code}`);
    this.#witness.covered.add("rebuild.overtaken");
  }

  #waitingRoom(): Pick<PurchaseEnv, "WAITING_ROOM"> {
    const stats = async (saleId: string) => {
      const sequencer = await this.#world.sequencers(this.#worker).getByName(saleId).stats();
      return sequencer && { sequencer, lanes: {} };
    };
    return { WAITING_ROOM: { stats } } as unknown as Pick<PurchaseEnv, "WAITING_ROOM">;
  }

  #insist<Done extends { ok: true }>(
    call: () => PromiseLike<Done | Refusal>,
  ): Promise<Done | Refusal> {
    return insist(this.#world.kernel.scheduler, this.#dice, () => this.#try(call));
  }

  /** `null` when something beneath failed. */
  async #try<Answer>(call: () => PromiseLike<Answer>): Promise<Answer | null> {
    this.#witness.operations += 1;
    try {
      return await call();
    } catch (error) {
      if (!isBeneath(error)) throw error;
      return null;
    }
  }
}

/** The counters that an answer tells, whatever else it has. */
function levelIn(answer: object): string {
  return JSON.stringify("level" in answer ? answer.level : null);
}
