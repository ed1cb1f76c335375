import type { DatabaseSync } from "node:sqlite";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { ItemInvariants } from "../invariants/item.ts";
import { KeyWitness } from "../invariants/keys.ts";
import { LineInvariants } from "../invariants/line.ts";
import { numberIn } from "../invariants/shuffle.ts";
import { checkAttention, checkChains, checkTrail } from "../invariants/chains.ts";
import { checkLog } from "../invariants/log.ts";
import { checkMessages } from "../invariants/messages.ts";
import { BreakerWatch, isForgotten } from "../invariants/payments.ts";
import { unsettled } from "../invariants/settled.ts";
import { rowOf } from "../invariants/tables.ts";
import { Deploy } from "../deploy/deploy.ts";
import { askAgain, checkCatalogue, checkTold } from "../invariants/told.ts";
import type { FaultKind } from "../kernel/faults.ts";
import { isGathered } from "../linear/item.ts";
import { checkItem, type LinearCounts } from "../linear/linearizable.ts";
import type { ObjectHost } from "../platform/object-host.ts";
import { Admin } from "../sale/admin.ts";
import { Bookkeeper } from "../sale/bookkeeper.ts";
import { Cron } from "../sale/cron.ts";
import { Edge } from "../sale/edge.ts";
import { Feed } from "../sale/feed.ts";
import { LivePages } from "../sale/live-pages.ts";
import { Notices } from "../sale/notices.ts";
import { START_MS, troubleMsOf, type Plan } from "../plan/plan.ts";
import { Reader } from "../sale/reader.ts";
import { Reminders } from "../sale/reminders.ts";
import { Rotation } from "../sale/rotation.ts";
import { Shopper, type Loot } from "../sale/shopper.ts";
import { Staff } from "../sale/staff.ts";
import { Trouble } from "../sale/trouble.ts";
import { Witness, type Violation } from "../sale/witness.ts";
import { SALE_ID, World, type WorldWatcher } from "../sale/world.ts";

/** Once faults stop, everything settles within this simulated time. */
const SETTLE_MAX_MS = 30 * 60_000;
/** How often a quiet world is asked whether it has settled. */
const SETTLE_LOOK_US = 1_000_000;
/** More steps a round than this are an endless loop: the busiest seeds take a tenth. */
const STEPS_MAX = 1_000_000;

/** What came of one seed. */
export interface SeedResult {
  seed: number;
  /** Hash of the whole history. */
  hash: string;
  steps: number;
  events: number;
  operations: number;
  simulatedMs: number;
  /** What was held against the model of an item. */
  linear: LinearCounts;
  faults: Partial<Record<FaultKind, number>>;
  /** What was exercised: transitions, ends of claims, endings of visits. */
  covered: string[];
  violations: Violation[];
  /** The history's lines, where they were asked for. */
  lines: readonly string[];
}

/** Runs one sale with its troubles until all has settled, or a promise is broken. */
export async function runPlan(plan: Plan, keepHistory = false): Promise<SeedResult> {
  const run = new SeedRun(plan, keepHistory);
  try {
    return await run.play();
  } finally {
    run.close();
  }
}

class SeedRun implements WorldWatcher {
  readonly keys = new KeyWitness(
    (invariant, detail) => this.#violate(invariant, detail),
    (name) => this.#cover(name),
  );
  readonly #plan: Plan;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #admin: Admin;
  readonly #trouble: Trouble;
  readonly #deploy: Deploy | null;
  readonly #bookkeeper: Bookkeeper;
  readonly #live: LivePages;
  readonly #edges: readonly Edge[];
  readonly #shoppers: Shopper[];
  readonly #items = new Map<string, ItemInvariants>();
  #line: LineInvariants | null = null;
  #breaker: BreakerWatch | null = null;
  readonly #linear: LinearCounts = { calls: 0, histories: 0, givenUp: 0 };
  #visiting = 0;

  constructor(plan: Plan, keepHistory: boolean) {
    this.#plan = plan;
    this.#world = new World(plan, this, keepHistory);
    this.#witness = new Witness(
      (index) => this.#isOver(index),
      (index) => numberIn(this.#sequencer, index),
    );
    const feed = plan.watchShare > 0 ? new Feed(this.#world, this.#cover) : null;
    const edges = Array.from(
      { length: plan.edges },
      (_, index) => new Edge(this.#world, this.#witness, `edge/${index}`, feed),
    );
    this.#edges = edges;
    if (plan.notices) new Notices(this.#world, this.#witness).begin();
    this.#world.provider.cover = this.#cover;
    this.#admin = new Admin(this.#world, this.#witness);
    this.#trouble = new Trouble(this.#world, edges);
    const { versions } = this.#world;
    const rollout = plan.deploy && versions && { plan: plan.deploy, versions, cover: this.#cover };
    this.#deploy = rollout && new Deploy(this.#world, edges, rollout);
    this.#bookkeeper = new Bookkeeper(this.#world, this.#violate, this.#cover);
    this.#live = new LivePages(this.#world, this.#witness, this.#violate, this.#cover);
    const loot: Loot = { tickets: [], passes: [], orderIds: [] };
    this.#shoppers = plan.shoppers.flatMap((shopper) =>
      Array.from({ length: shopper.habits.includes("two_devices") ? 2 : 1 }, (_, device) => {
        const live = this.#live.page(edges, shopper.subject, device);
        return new Shopper(this.#world, edges, this.#witness, shopper, { device, loot, live });
      }),
    );
  }

  async play(): Promise<SeedResult> {
    const { kernel } = this.#world;
    this.#start(this.#admin.work());
    this.#start(new Staff(this.#world, this.#witness, this.#violate).work());
    for (const shopper of this.#shoppers) this.#start(shopper.visit());
    new Reminders(this.#world, this.#witness).begin(this.#plan);
    for (const shopper of this.#plan.shoppers)
      void new Reader(this.#world, shopper, this.#violate).read();
    this.#trouble.begin();
    this.#deploy?.begin();
    new Rotation(this.#world, this.#witness, this.#edges).begin();
    this.#bookkeeper.begin();
    new Cron(this.#world, (error) => {
      this.#violate("no_exceptions", describeError(error));
    }).begin();
    const troubleEndsUs = (START_MS + troubleMsOf(this.#plan)) * 1000;
    await this.#runWhile(() => kernel.scheduler.nowUs < troubleEndsUs);
    this.#trouble.stop();
    this.#live.begin();
    await this.#settle();
    if (!this.#isBroken()) await this.#audit();
    return this.#result();
  }

  close(): void {
    this.#world.close();
  }

  threw(host: ObjectHost, error: unknown): void {
    this.#violate("no_exceptions", `${host.node}: ${describeError(error)}`);
  }

  written(host: ObjectHost): void {
    this.#itemOf(host)?.afterTurn();
    this.#lineOf(host)?.afterTurn();
    this.#live.afterTurn(host);
  }

  lost(host: ObjectHost): void {
    this.#itemOf(host)?.afterLoss();
    this.#lineOf(host)?.afterLoss();
    this.#live.afterLoss(host);
  }

  durable(host: ObjectHost): void {
    this.#itemOf(host)?.afterCommit();
    this.#lineOf(host)?.afterCommit();
    this.#live.afterCommit(host);
    this.#breakerOf(host)?.afterCommit();
  }

  buried(payments: readonly PaymentDue[]): void {
    for (const due of payments) {
      const { database } = this.#world.host("SKU", due.sku).storage;
      this.#cover("payment.buried");
      if (isForgotten(database, due))
        this.#violate("dead_letter.told", `nobody is told of the ${due.step} of ${due.orderId}`);
    }
  }

  /** Lets everything run on until it has settled; a bounded time without faults has to do. */
  async #settle(): Promise<void> {
    const { scheduler } = this.#world.kernel;
    const endUs = scheduler.nowUs + SETTLE_MAX_MS * 1000;
    let lookAtUs = 0;
    this.#start(this.#resumeWhenDone());
    await this.#runWhile(() => {
      if (scheduler.nowUs >= endUs) return false;
      if (this.#visiting > 0 || scheduler.nowUs < lookAtUs) return true;
      lookAtUs = scheduler.nowUs + SETTLE_LOOK_US;
      return unsettled(this.#world) !== null;
    });
    if (this.#isBroken()) return;
    const open =
      unsettled(this.#world) ??
      (this.#visiting > 0 ? `${this.#visiting} visits never ended` : null);
    if (open !== null) this.#violate("settles", open);
  }

  /** Everything that was told is there, and is told again. */
  async #audit(): Promise<void> {
    checkTold(this.#world, this.#witness, this.#violate);
    checkCatalogue(this.#world, this.#witness, this.#violate);
    checkLog(this.#world, this.#witness, this.#violate);
    checkChains(this.#world, this.#violate);
    checkTrail(this.#world, this.#violate);
    checkAttention(this.#world, this.#violate);
    checkMessages(this.#world, this.#witness, this.#violate);
    this.#start(askAgain(this.#world, this.#witness, this.#violate));
    this.#start(this.#bookkeeper.settle());
    await this.#runWhile(() => this.#visiting > 0);
    this.#checkCalls();
  }

  /** What every item was asked, and answered, could have come one after the other. */
  #checkCalls(): void {
    const hasSteadyClock = !this.#plan.faults.includes("clock.jumped");
    for (const { sku, stock } of this.#plan.items) {
      const calls = this.#world.calls.of(sku);
      if (calls.some(isGathered)) this.#cover("purchase.gathered");
      const verdict = checkItem(calls, { ...this.#plan, stock }, hasSteadyClock);
      this.#linear.calls += verdict.calls;
      this.#linear.histories += verdict.histories;
      this.#linear.givenUp += verdict.givenUp;
      for (const fault of verdict.faults) this.#violate("sku.linearizable", `${sku}, ${fault}`);
    }
  }

  /** A sale that the plan leaves paused would never settle. */
  async #resumeWhenDone(): Promise<void> {
    const { scheduler } = this.#world.kernel;
    while (!this.#admin.isDone) await scheduler.sleep(SETTLE_LOOK_US);
    // As long as anybody else is at work, something can still come up that needs a person.
    await this.#admin.resume(() => this.#visiting === 1 && unsettled(this.#world) === null);
  }

  async #runWhile(condition: () => boolean): Promise<void> {
    const { scheduler } = this.#world.kernel;
    const stepsMax = STEPS_MAX * this.#plan.rounds;
    try {
      await scheduler.stepWhile(
        () => !this.#isBroken() && scheduler.steps <= stepsMax && condition(),
      );
    } catch (error) {
      this.#violate("no_exceptions", describeError(error));
    }
    if (scheduler.steps > stepsMax && !this.#isBroken())
      this.#violate("bounded", `more than ${STEPS_MAX} steps a round`);
  }

  #start(work: Promise<unknown>): void {
    this.#visiting += 1;
    work
      .catch((error: unknown) => {
        this.#violate("no_exceptions", describeError(error));
      })
      .finally(() => {
        this.#visiting -= 1;
      });
  }

  get #sequencer(): DatabaseSync {
    return this.#world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  }

  /** Whether a place may be replaced: it ended, or was used. */
  #isOver(index: number): boolean {
    // One turn each: only who has left comes back.
    if (!this.#plan.queue.allowRejoin) return false;
    const number = numberIn(this.#sequencer, index);
    if (number === null) return false;
    const claim = rowOf<{ claimed_at_ms: number | null; ended: string | null }>(
      this.#sequencer,
      "SELECT claimed_at_ms, ended FROM claim WHERE number = ?",
      number,
    );
    return claim !== undefined && (claim.claimed_at_ms !== null || claim.ended !== null);
  }

  readonly #violate = (invariant: string, detail: string): void => {
    this.#witness.violate(invariant, detail);
    // The first line alone: a stack names files, and the history is the same wherever they lie.
    this.#world.kernel.note(`BROKEN ${invariant}: ${detail.split("\n", 1)[0]}`);
  };

  readonly #cover = (name: string): void => {
    this.#witness.covered.add(name);
  };

  #isBroken(): boolean {
    return this.#witness.violations.length > 0;
  }

  #itemOf(host: ObjectHost): ItemInvariants | null {
    if (!host.node.startsWith("sku/")) return null;
    const known = this.#items.get(host.node);
    if (known) return known;
    const item = new ItemInvariants(host.storage.database, this.#plan, {
      violate: this.#violate,
      cover: this.#cover,
      isRevoked: (number) => this.#witness.revoked.has(number),
      isStopped: () => this.#witness.isStopped,
      times: () => this.#witness.times,
      hasSteadyClock: !this.#plan.faults.includes("clock.jumped"),
      nowMs: () => this.#world.kernel.nowMs(host.node),
      booked: (key) => this.#world.provider.books.get(key)?.state,
    });
    this.#items.set(host.node, item);
    return item;
  }

  #lineOf(host: ObjectHost): LineInvariants | null {
    if (!host.node.startsWith("sequencer/")) return null;
    this.#line ??= new LineInvariants(host.storage.database, {
      hasSteadyClock: !this.#plan.faults.includes("clock.jumped"),
      nowMs: () => this.#world.kernel.nowMs(host.node),
      violate: this.#violate,
      cover: this.#cover,
    });
    return this.#line;
  }

  #breakerOf(host: ObjectHost): BreakerWatch | null {
    if (!host.node.startsWith("breaker/")) return null;
    this.#breaker ??= new BreakerWatch(host.storage.database, this.#cover);
    return this.#breaker;
  }

  #result(): SeedResult {
    const { kernel } = this.#world;
    for (const { ending } of this.#shoppers) if (ending) this.#cover(`visit.${ending}`);
    return {
      seed: this.#plan.seed,
      hash: kernel.history.digest(),
      steps: kernel.scheduler.steps,
      events: kernel.history.count,
      operations: this.#witness.operations,
      linear: this.#linear,
      simulatedMs: Math.round(kernel.scheduler.nowUs / 1000) - START_MS,
      faults: Object.fromEntries(kernel.faults.counts),
      covered: [...this.#witness.covered].sort(),
      violations: [...this.#witness.violations],
      lines: kernel.history.lines,
    };
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
