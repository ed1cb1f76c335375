import type { Violate } from "../invariants/item.ts";
import { CALM_AFTER_MS, LiveInvariants } from "../invariants/live.ts";
import type { ObjectHost } from "../platform/object-host.ts";
import type { Edge } from "./edge.ts";
import { LivePage } from "./live.ts";
import type { Witness } from "./witness.ts";
import { SOCKETS_MAX, type World } from "./world.ts";

const LOOK_US = 1_000_000;

/** Everyone who watches the board over a socket, and what holds for them. */
export class LivePages {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #invariants: LiveInvariants;
  readonly #pages: LivePage[] = [];

  constructor(world: World, witness: Witness, violate: Violate, cover: (name: string) => void) {
    this.#world = world;
    this.#witness = witness;
    this.#invariants = new LiveInvariants({
      violate,
      cover,
      hasSteadyClock: !world.plan.faults.includes("clock.jumped"),
      hasTwoVersions: world.versions !== null,
      nowMs: () => world.kernel.scheduler.nowUs / 1000,
    });
  }

  /** The socket of a shopper's device; `null` for those who only poll. */
  page(edges: readonly Edge[], subject: string, device: number): LivePage | null {
    const { kernel, plan } = this.#world;
    if (!kernel.dice.fork(`watches/${subject}`).chance(plan.watchShare)) return null;
    const node = `${subject}/${device}`;
    const page = new LivePage(this.#world, edges, this.#witness, {
      invariants: this.#invariants,
      subject,
      node,
    });
    this.#pages.push(page);
    return page;
  }

  /** Faults have stopped: from a while later on everybody is looked at. */
  begin(): void {
    if (this.#pages.length > 0) this.#lookAfter(CALM_AFTER_MS * 1000);
  }

  afterTurn(host: ObjectHost): void {
    if (this.#watches(host)) this.#invariants.afterTurn(host.storage.database);
  }

  afterCommit(host: ObjectHost): void {
    if (this.#watches(host)) this.#invariants.afterCommit();
  }

  afterLoss(host: ObjectHost): void {
    if (this.#watches(host)) this.#invariants.afterLoss();
  }

  #watches({ node }: ObjectHost): boolean {
    return this.#pages.length > 0 && node.startsWith("sequencer/");
  }

  #lookAfter(delayUs: number): void {
    this.#world.kernel.scheduler.schedule(delayUs, () => {
      const states = this.#pages.flatMap(({ state }) => state ?? []);
      this.#invariants.look(states, SOCKETS_MAX);
      this.#lookAfter(LOOK_US);
    });
  }
}
