import type { Dice } from "../kernel/dice.ts";
import { rowOf } from "../invariants/tables.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { DeployPlan } from "../plan/plan.ts";
import type { Edge } from "../sale/edge.ts";
import type { World } from "../sale/world.ts";
import { databaseAnew, leaveAsBefore } from "./rows.ts";
import type { Versions } from "./versions.ts";

/** Who has turned is looked for this often. */
const EVERY_US = 250_000;
/** Of the messages that the version before has left so many come each time. */
const LEFT_SHARE = 0.5;

/**
 * Rolls a new version out while the sale runs: migrates the database, then objects and edges one by one, each with
 * what the version before has left in its tables; and delivers what that has left in the queues.
 */
export class Deploy {
  readonly #world: World;
  readonly #edges: readonly Edge[];
  readonly #versions: Versions;
  readonly #plan: DeployPlan;
  readonly #dice: Dice;
  readonly #cover: (name: string) => void;
  /** Whether a node was of the version before when it was looked at last. */
  readonly #wasBefore = new Map<string, boolean>();
  /** Objects whose tables are of this version: who turns back keeps them. */
  readonly #migrated = new Set<string>();

  constructor(
    world: World,
    edges: readonly Edge[],
    rollout: { plan: DeployPlan; versions: Versions; cover: (name: string) => void },
  ) {
    this.#world = world;
    this.#edges = edges;
    this.#plan = rollout.plan;
    this.#versions = rollout.versions;
    this.#cover = rollout.cover;
    this.#versions.cover = rollout.cover;
    this.#dice = world.kernel.dice.fork("deploy");
  }

  /** Everything at its time. */
  begin(): void {
    const { startsAtMs, leftoversAtMs } = this.#plan;
    this.#at(startsAtMs, () => {
      this.#world.kernel.note("a new version is rolled out");
      this.#migrateDatabase();
      for (const node of this.#nodes()) this.#wasBefore.set(node, true);
      this.#look();
    });
    for (const atMs of leftoversAtMs) this.#at(atMs, () => this.#deliver());
  }

  #migrateDatabase(): void {
    const { database } = this.#world;
    if (rowOf(database.database, "SELECT 1 FROM reminder") !== undefined)
      this.#cover("deploy.reminders");
    database.migrate(databaseAnew());
  }

  #at(atMs: number, run: () => void): void {
    const { scheduler } = this.#world.kernel;
    scheduler.schedule(atMs * 1000 - scheduler.nowUs, run);
  }

  #nodes(): string[] {
    return [...this.#world.hosts.keys(), ...this.#edges.map(({ node }) => node)];
  }

  #look(): void {
    for (const node of this.#nodes()) {
      const isBefore = this.#versions.isBefore(node);
      const wasBefore = this.#wasBefore.get(node) ?? isBefore;
      this.#wasBefore.set(node, isBefore);
      if (isBefore !== wasBefore) this.#turn(node, isBefore);
    }
    if (this.#versions.areTwo) this.#world.kernel.scheduler.schedule(EVERY_US, () => this.#look());
  }

  #turn(node: string, isBack: boolean): void {
    this.#world.kernel.note(
      `${node} turns to ${isBack ? "the version before" : "the new version"}`,
    );
    this.#cover(isBack ? "deploy.back" : "deploy.turned");
    this.#edges.find((edge) => edge.node === node)?.restart();
    this.#world.hosts.get(node)?.redeploy((database) => {
      if (isBack || this.#migrated.has(node)) return;
      this.#migrated.add(node);
      const [kind = ""] = node.split("/", 1);
      if (leaveAsBefore(kind, database)) this.#cover(`deploy.rows.${kind}`);
    });
  }

  /** Messages of the version before come that have lain in their queues. */
  #deliver(): void {
    const worker = new WorkerCaller(this.#world.kernel, "queues");
    const producers = this.#world.queuesOf(worker) as Record<string, Pick<Queue, "send">>;
    for (const [queue, bodies] of this.#versions.left)
      for (const body of bodies) {
        if (!this.#dice.chance(LEFT_SHARE)) continue;
        this.#cover(`deploy.left.${queue}`);
        producers[queue]?.send(body).catch(() => {});
      }
  }
}
