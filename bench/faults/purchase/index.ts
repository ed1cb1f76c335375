import { decodePage } from "../../../domain/purchase/ledger-page.ts";
import type { BooksPage } from "../../../workers/purchase/consumers/projection.ts";
import product, * as purchase from "../../../workers/purchase/index.ts";
import { Deaths } from "../deaths.ts";
import type { FaultPlan } from "../plan.ts";
import { doublingQueue, shuffledBatch } from "../queue.ts";
import { around } from "../surroundings.ts";
import { Telling } from "../telling.ts";
import { DatabaseFaults } from "./database.ts";

/*
 * Stands in for the purchase Worker's own module: the same classes and handlers, whose objects are aborted at
 * random, and given an env whose database and queues are worse than they are. The product knows nothing of it.
 */

/** As JSON: what is to be wrong. */
interface FaultyEnv extends PurchaseEnv {
  FAULTS: string;
}

const telling = new Telling("purchase", around.now);
/** The Worker is one isolate here, so that all its objects and handlers see the same outage. */
let database: DatabaseFaults | null = null;
let deaths: Deaths | null = null;

export class AuditLog extends purchase.AuditLog {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
    mortal(env).begin("AuditLog", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class ProviderBreaker extends purchase.ProviderBreaker {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
    mortal(env).begin("ProviderBreaker", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class Sku extends purchase.Sku {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, worse(env));
    mortal(env).begin("Sku", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class SkuIntake extends purchase.SkuIntake {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, env);
    mortal(env).begin("SkuIntake", ctx.id.toString(), this, () => ctx.abort());
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

function planOf(env: PurchaseEnv): FaultPlan {
  return JSON.parse((env as FaultyEnv).FAULTS) as FaultPlan;
}

function mortal(env: PurchaseEnv): Deaths {
  if (deaths === null) {
    deaths = new Deaths(planOf(env).livesSeconds, around, telling);
    for (const watched of [AuditLog, ProviderBreaker, Sku, SkuIntake]) deaths.watch(watched);
  }
  return deaths;
}

function worse(env: PurchaseEnv): PurchaseEnv {
  const plan = planOf(env);
  const { figures } = telling;
  const faults = (database ??= new DatabaseFaults(plan, around, figures));
  const doubling = <Body>(queue: Queue<Body>): Queue<Body> =>
    doublingQueue(queue, plan.doubled, around.random, figures, (body) => {
      lookAt(faults, body);
      telling.tell();
    });
  return {
    ...env,
    DB: faults.before(env.DB),
    LEDGER_QUEUE: doubling(env.LEDGER_QUEUE),
    PAYMENT_QUEUE: doubling(env.PAYMENT_QUEUE),
    MESSAGE_QUEUE_HIGH: doubling(env.MESSAGE_QUEUE_HIGH),
    MESSAGE_QUEUE_NORMAL: doubling(env.MESSAGE_QUEUE_NORMAL),
    MESSAGE_QUEUE_LOW: doubling(env.MESSAGE_QUEUE_LOW),
  };
}

/** What an item's page says is sold, for the outage. */
function lookAt(faults: DatabaseFaults, body: unknown): void {
  const page = typeof body === "string" ? decodePage(body) : (body as BooksPage);
  const last = "events" in page ? page.events.at(-1) : undefined;
  if (last) faults.sold(last.level);
}
