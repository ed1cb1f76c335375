import type { BooksPage } from "../../../workers/purchase/consumers/projection.ts";
import product, * as purchase from "../../../workers/purchase/index.ts";
import { type FaultFigures, type FaultPlan, FIGURES_MARK } from "../plan.ts";
import { DatabaseFaults, type Surroundings } from "./database.ts";
import { doublingQueue, shuffledBatch } from "./queue.ts";

/*
 * Stands in for the purchase Worker's own module: the same classes and handlers, given an env whose
 * database and queues are worse than they are. The product knows nothing of it.
 */

/** As JSON: what is to be wrong. */
interface FaultyEnv extends PurchaseEnv {
  FAULTS: string;
}

/** The log has the figures so far this often, as long as something happens. */
const TELL_EVERY_MS = 250;

const around: Surroundings = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
};
const figures: FaultFigures = { callsDown: 0, callsBusy: 0, downAtMs: null, copies: 0 };
let toldAtMs = 0;
/** The Worker is one isolate here, so that all its objects and handlers see the same outage. */
let database: DatabaseFaults | null = null;

export class AuditLog extends purchase.AuditLog {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
  }
}

export class ProviderBreaker extends purchase.ProviderBreaker {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
  }
}

export class Sku extends purchase.Sku {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
  }
}

export class BooksService extends purchase.BooksService {
  constructor(ctx: ExecutionContext, env: PurchaseEnv) {
    super(ctx, worse(env));
  }
}

export class PurchaseService extends purchase.PurchaseService {
  constructor(ctx: ExecutionContext, env: PurchaseEnv) {
    super(ctx, worse(env));
  }
}

export default {
  fetch: () => product.fetch(),
  scheduled: (controller, env) => product.scheduled(controller, worse(env)),
  queue: (batch, env, ctx) => product.queue(shuffledBatch(batch, around.random), worse(env), ctx),
} satisfies ExportedHandler<PurchaseEnv>;

function worse(env: PurchaseEnv): PurchaseEnv {
  const plan = JSON.parse((env as FaultyEnv).FAULTS) as FaultPlan;
  const faults = (database ??= new DatabaseFaults(plan, around, figures));
  const doubling = (queue: Queue): Queue =>
    doublingQueue(queue, plan.doubled, around.random, figures, (body) => {
      lookAt(faults, body);
      tell();
    });
  return {
    ...env,
    DB: faults.before(env.DB),
    LEDGER_QUEUE: doubling(env.LEDGER_QUEUE),
    MESSAGE_QUEUE_HIGH: doubling(env.MESSAGE_QUEUE_HIGH),
    MESSAGE_QUEUE_NORMAL: doubling(env.MESSAGE_QUEUE_NORMAL),
    MESSAGE_QUEUE_LOW: doubling(env.MESSAGE_QUEUE_LOW),
  };
}

/** What an item's page says is sold, for the outage. */
function lookAt(faults: DatabaseFaults, body: unknown): void {
  const page = body as BooksPage;
  const last = "events" in page ? page.events.at(-1) : undefined;
  if (last) faults.sold(last.level);
}

function tell(): void {
  const nowMs = Date.now();
  if (nowMs - toldAtMs < TELL_EVERY_MS) return;
  toldAtMs = nowMs;
  console.warn(`${FIGURES_MARK}${JSON.stringify(figures)}`);
}
