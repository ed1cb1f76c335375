import { DurableObject } from "cloudflare:workers";
import type { QueueLane } from "../../durable-objects/queue-lane.ts";

/** What the detour is given: the real lanes, and the longest delay. */
interface SlowLaneEnv {
  QUEUE_LANE: DurableObjectNamespace<QueueLane>;
  /** Whole milliseconds. */
  DELAY_MAX_MS: string;
}

/** What the gateway asks of lanes. */
type LaneCalls = Pick<QueueLane, "join" | "joinMany" | "claim" | "renew" | "leave">;

/**
 * Stands where the gateway expects a lane, lets every call wait for a random time, and hands it on to
 * the real lane of the same name: what the order in line is worth when the ways to the lanes differ.
 */
export class SlowLane extends DurableObject<SlowLaneEnv> implements LaneCalls {
  /** Arrives late, with the stamp that the gateway put on it. */
  async join(...order: Parameters<QueueLane["join"]>): ReturnType<QueueLane["join"]> {
    await this.#delay();
    return this.#lane().join(...order);
  }

  /** Arrive late, all of them together. */
  async joinMany(...order: Parameters<QueueLane["joinMany"]>): ReturnType<QueueLane["joinMany"]> {
    await this.#delay();
    return this.#lane().joinMany(...order);
  }

  /** Arrives late. */
  async claim(...order: Parameters<QueueLane["claim"]>): ReturnType<QueueLane["claim"]> {
    await this.#delay();
    return this.#lane().claim(...order);
  }

  /** Arrives late. */
  async renew(...order: Parameters<QueueLane["renew"]>): ReturnType<QueueLane["renew"]> {
    await this.#delay();
    return this.#lane().renew(...order);
  }

  /** Arrives late. */
  async leave(...order: Parameters<QueueLane["leave"]>): ReturnType<QueueLane["leave"]> {
    await this.#delay();
    return this.#lane().leave(...order);
  }

  async #delay(): Promise<void> {
    const delayMs = Math.random() * Number(this.env.DELAY_MAX_MS);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }

  #lane() {
    return this.env.QUEUE_LANE.getByName(this.ctx.id.name ?? "");
  }
}

// A module Worker has a handler, though nobody calls this one.
export default { fetch: () => new Response(null, { status: 404 }) };
