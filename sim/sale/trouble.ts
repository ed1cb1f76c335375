import type { Dice } from "../kernel/dice.ts";
import type { Edge } from "./edge.ts";
import { START_MS } from "../plan/plan.ts";
import type { Link } from "../platform/network.ts";
import type { World } from "./world.ts";

/** Faults that come by time are looked for this often. */
const EVERY_US = 1_000_000;
/** A node, or a link between two, is cut for so long at most. */
const PARTITION_MAX_US = 20_000_000;
/** A long outage of the database, whatever else is over meanwhile. */
const OUTAGE_US = 10 * 60_000_000;

/** The faults that come by time and not on an occasion: resets, partitions, clocks, an outage of the database. */
export class Trouble {
  readonly #world: World;
  readonly #edges: readonly Edge[];
  readonly #dice: Dice;
  readonly #linkDice: Dice;
  #isOver = false;
  #hadOutage = false;

  constructor(world: World, edges: readonly Edge[]) {
    this.#world = world;
    this.#edges = edges;
    this.#dice = world.kernel.dice.fork("trouble");
    this.#linkDice = world.kernel.dice.fork("links");
  }

  /** Makes trouble until `stop`. */
  begin(): void {
    this.#world.kernel.scheduler.schedule(EVERY_US, () => {
      if (this.#isOver) return;
      this.#strike();
      this.begin();
    });
  }

  /** From here on nothing goes wrong any more, and what was broken is mended; but an outage takes its time. */
  stop(): void {
    this.#isOver = true;
    this.#world.kernel.faults.stop();
    this.#world.network.heal();
    this.#world.kernel.note("trouble ends");
  }

  #strike(): void {
    const { kernel, network, hosts, database } = this.#world;
    const { faults } = kernel;
    // A sale cannot be created without a database, so not before it starts; and once is long enough.
    const mayFail = !this.#hadOutage && kernel.scheduler.nowUs >= START_MS * 1000;
    if (mayFail && faults.happens("database.out")) {
      this.#hadOutage = true;
      database.fail(OUTAGE_US);
    }
    if (faults.happens("objects.reset")) {
      for (const host of hosts.values()) host.crash("everything is reset");
      for (const edge of this.#edges) edge.restart();
    }
    const nodes = [...hosts.keys(), ...this.#edges.map(({ node }) => node)];
    if (faults.happens("node.partitioned"))
      network.partition(this.#dice.pick(nodes), this.#dice.int(0, PARTITION_MAX_US));
    if (faults.happens("link.cut")) this.#cutLink(true);
    if (faults.happens("link.muted")) this.#cutLink(false);
    if (faults.happens("clock.jumped")) kernel.jumpClock(this.#dice.pick(nodes), this.#dice);
  }

  /** Cuts a link between two who have spoken, which is not a shopper's own connection: of answers, or both ways. */
  #cutLink(isOfRequests: boolean): void {
    const { network, plan } = this.#world;
    const shoppers = new Set(plan.shoppers.map(({ subject }) => subject));
    const isOurs = ({ from }: Link): boolean => !shoppers.has(from.split("/", 1)[0] ?? "");
    const links = network.links.filter(isOurs);
    if (links.length === 0) return;
    const { from, to } = this.#linkDice.pick(links);
    const forUs = this.#linkDice.int(0, PARTITION_MAX_US);
    network.cut({ from: to, to: from }, forUs);
    if (isOfRequests) network.cut({ from, to }, forUs);
  }
}
