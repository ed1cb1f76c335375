import { skuOfIntake } from "../../domain/purchase/intake.ts";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { parseKeyring, type Keyring } from "../../domain/token.ts";
import { AuditLog, type AuditLogEnv } from "../../durable-objects/audit-log.ts";
import { LiveBoard } from "../../durable-objects/live-board.ts";
import { LiveRoot } from "../../durable-objects/live-root.ts";
import { ProviderBreaker } from "../../durable-objects/provider-breaker.ts";
import { QueueLane, type LaneEnv } from "../../durable-objects/queue-lane.ts";
import { QueueSequencer, type SequencerEnv } from "../../durable-objects/queue-sequencer.ts";
import { SkuIntake } from "../../durable-objects/sku-intake.ts";
import { Sku, type SkuEnv } from "../../durable-objects/sku.ts";
import type { KeyWitness } from "../invariants/keys.ts";
import { Kernel } from "../kernel/kernel.ts";
import { CallHistory } from "../linear/history.ts";
import { SimulatedDatabase } from "../platform/database.ts";
import type { Construct, Instance } from "../platform/incarnation.ts";
import { Versions } from "../deploy/versions.ts";
import { changingKind, KIND } from "../platform/schema.ts";
import { bindNamespace } from "../platform/namespace.ts";
import { Network, type Caller } from "../platform/network.ts";
import { ObjectHost, type Watcher } from "../platform/object-host.ts";
import type { WorkerCaller } from "../platform/worker.ts";
import { Keys, keysOf, TOKEN_KIDS } from "./keys.ts";
import { SimulatedMail } from "./mail.ts";
import { START_MS, type Plan } from "../plan/plan.ts";
import { SimulatedProvider } from "./provider.ts";
import { Queues } from "./queues.ts";

/** Simulated time begins this long before the sale: it has to be created first. */
const LEAD_MS = 10_000;
export const LOG_SHOP = "ropeline.example";

export const SALE_ID = "drop";
/** Sockets of one object: few enough that some find no room. */
export const SOCKETS_MAX = 3;
/** A purchase waits at an intake so long that some of a small crowd meet there. */
const INTAKE_DELAY_MS = 1_000;
/** Few, since a simulated sale has few: most are found by the item's tables then, and some by its memory. */
const FRESH_MAX_HOLDS = 3;

/** The classes of objects, by the binding that names them. */
const CLASSES = {
  AUDIT_LOG: "audit",
  LIVE_BOARD: "live",
  LIVE_ROOT: "root",
  PROVIDER_BREAKER: "breaker",
  QUEUE_LANE: "lane",
  QUEUE_SEQUENCER: "sequencer",
  SKU: "sku",
  SKU_INTAKE: "intake",
} as const;
type Binding = keyof typeof CLASSES;

function perClass<Value>(make: () => Value): Record<Binding, Value> {
  const names = Object.keys(CLASSES) as Binding[];
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Binding, Value>;
}

/** Who is told what happens to objects, and of payments that ended in the dead letters. */
export interface WorldWatcher extends Watcher {
  /** The consumer of dead letters has handled these. */
  buried(payments: readonly PaymentDue[]): void;
  /** What is sealed and opened. */
  readonly keys: KeyWitness;
}

/** Every part of one simulated sale, the real objects and consumers among them. */
export class World {
  readonly plan: Plan;
  readonly kernel: Kernel;
  readonly network: Network;
  /** All keys there ever are, for those who only look on. */
  readonly keyring: Keyring = parseKeyring(keysOf(TOKEN_KIDS.toReversed()));
  readonly keys: Keys;
  readonly database: SimulatedDatabase;
  readonly provider: SimulatedProvider;
  /** What everybody asked of the items, and was answered. */
  readonly calls: CallHistory;
  /** Every object that was ever called, by node name. */
  readonly hosts = new Map<string, ObjectHost>();
  /** The same by class and name: to put a node's name together costs more than to find it. */
  readonly #hosts = perClass(() => new Map<string, ObjectHost>());
  /** Which node is of which version; `null` where there is one alone. */
  readonly versions: Versions | null;
  readonly #watcher: WorldWatcher;
  readonly #queues: Queues;

  constructor(plan: Plan, watcher: WorldWatcher, keepHistory: boolean) {
    const { seed, faults, faultShares } = plan;
    this.#watcher = watcher;
    this.plan = plan;
    this.keys = new Keys(watcher.keys);
    this.kernel = new Kernel({
      seed,
      startMs: START_MS - LEAD_MS,
      faults,
      faultShares,
      keepHistory,
    });
    this.network = new Network(this.kernel);
    this.versions = plan.deploy && new Versions(this.kernel, plan.deploy);
    this.calls = new CallHistory(() => this.kernel.scheduler.nowUs / 1000);
    this.database = new SimulatedDatabase(this.kernel, this.network, this.#kindOf(KIND));
    this.provider = new SimulatedProvider(this.kernel, this.network);
    this.#queues = new Queues(this.kernel, this.network, {
      env: (worker) => this.purchaseEnv(worker),
      provider: (worker) => this.provider.bind(worker),
      mail: (env) => new SimulatedMail(env, this.kernel.faults),
      buried: (payments) => watcher.buried(payments),
    });
  }

  lanes(caller: Caller): DurableObjectNamespace<QueueLane> {
    return this.#bind<QueueLane>("QUEUE_LANE", caller);
  }

  sequencers(caller: Caller): DurableObjectNamespace<QueueSequencer> {
    return this.#bind<QueueSequencer>("QUEUE_SEQUENCER", caller);
  }

  skus(caller: Caller): DurableObjectNamespace<Sku> {
    return this.calls.recording(this.#bind<Sku>("SKU", caller));
  }

  /** What is asked of an intake is asked of its item. */
  intakes(caller: Caller): DurableObjectNamespace<SkuIntake> {
    return this.calls.recording(this.#bind<SkuIntake>("SKU_INTAKE", caller), skuOfIntake);
  }

  /** The producers of all queues, by their bindings; what they send goes as it is. */
  queuesOf(caller: Caller): object {
    return this.#queues.producers(caller);
  }

  /** The bindings of the purchase Worker for one invocation. */
  purchaseEnv(worker: WorkerCaller): PurchaseEnv {
    return {
      TOKEN_KEYS: this.keys.textOf("purchase"),
      // The provider is the simulator's own: the sandbox's tables are empty, and are not compared with anything.
      PAYMENT_PROVIDER: "stripe",
      ...this.#producers(worker),
      AUDIT_LOG: this.#bind<AuditLog>("AUDIT_LOG", worker),
      DB: this.database.bind(worker),
      PROVIDER_BREAKER: this.#bind<ProviderBreaker>("PROVIDER_BREAKER", worker),
      SKU: this.skus(worker),
      SKU_INTAKE: this.#bind<SkuIntake>("SKU_INTAKE", worker),
      QUEUE_SEQUENCER: this.sequencers(worker),
    } as unknown as PurchaseEnv;
  }

  /** The object of this name, as far as anybody has called it. */
  host(binding: Binding, name: string): ObjectHost {
    const known = this.#hosts[binding].get(name);
    if (known) return known;
    const node = `${CLASSES[binding]}/${name}`;
    const host = new ObjectHost(this.kernel, this.#watcher, {
      node,
      name,
      kind: this.#kindOf(CLASSES[binding]),
      construct: this.#constructOf(binding),
    });
    this.hosts.set(node, host);
    this.#hosts[binding].set(name, host);
    return host;
  }

  /** Gives back what other sales may use. */
  close(): void {
    this.database.close();
    for (const host of this.hosts.values()) host.storage.close();
  }

  /** What a database is to those who use it again: not the same once its tables were changed. */
  #kindOf(kind: string): string {
    return this.versions ? changingKind(kind) : kind;
  }

  #bind<Class extends Rpc.DurableObjectBranded>(
    binding: Binding,
    caller: Caller,
  ): DurableObjectNamespace<Class> {
    const bound = bindNamespace(this.network, caller, (name) => this.host(binding, name));
    const spoken = this.versions?.calls(bound, { kind: CLASSES[binding], caller }) ?? bound;
    return spoken as unknown as DurableObjectNamespace<Class>;
  }

  #producers(caller: Caller): object {
    const producers = this.queuesOf(caller);
    return this.versions?.producers(producers, caller) ?? producers;
  }

  #constructOf(binding: Binding): Construct {
    return (ctx, caller, runtime) => {
      switch (binding) {
        case "LIVE_BOARD": {
          const env = { LIVE_ROOT: this.#bind<LiveRoot>("LIVE_ROOT", caller) };
          return new LiveBoard(ctx, env, runtime, SOCKETS_MAX) as unknown as Instance;
        }
        case "LIVE_ROOT": {
          const env = { QUEUE_SEQUENCER: this.sequencers(caller) };
          return new LiveRoot(ctx, env, runtime) as unknown as Instance;
        }
        case "PROVIDER_BREAKER":
          return new ProviderBreaker(ctx, {}, runtime) as unknown as Instance;
        case "QUEUE_LANE": {
          const env: LaneEnv = { QUEUE_SEQUENCER: this.sequencers(caller) };
          return new QueueLane(ctx, env, runtime) as unknown as Instance;
        }
        case "QUEUE_SEQUENCER":
          return new QueueSequencer(ctx, this.#lineEnv(caller), runtime) as unknown as Instance;
        case "AUDIT_LOG":
          return new AuditLog(ctx, this.#trailEnv(caller), runtime) as unknown as Instance;
        case "SKU":
          return new Sku(
            ctx,
            this.#skuEnv(caller),
            runtime,
            FRESH_MAX_HOLDS,
          ) as unknown as Instance;
        case "SKU_INTAKE": {
          const env = { SKU: this.#bind<Sku>("SKU", caller) };
          return new SkuIntake(ctx, env, runtime, () => INTAKE_DELAY_MS) as unknown as Instance;
        }
      }
    };
  }

  #lineEnv(caller: Caller): SequencerEnv {
    return { ...this.#trailEnv(caller), LOG_KEYS: this.keys.log, LOG_SHOP };
  }

  #trailEnv(caller: Caller): AuditLogEnv {
    return this.#producers(caller) as AuditLogEnv;
  }

  #skuEnv(caller: Caller): SkuEnv {
    return {
      QUEUE_SEQUENCER: this.sequencers(caller),
      ...this.#producers(caller),
    } as unknown as SkuEnv;
  }
}
