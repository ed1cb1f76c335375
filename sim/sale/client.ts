import { refuse, type Refusal } from "../../domain/problem.ts";
import type { Caller } from "../platform/network.ts";
import type { Edge } from "./edge.ts";
import type { World } from "./world.ts";

/** Somebody outside: keeps no tables, and goes on whatever happens. */
export abstract class Client implements Caller {
  readonly node: string;
  protected readonly world: World;

  constructor(world: World, node: string) {
    this.world = world;
    this.node = node;
  }

  release(send: () => void): void {
    send();
  }

  entrance(): (arrive: () => void) => void {
    return (arrive) => arrive();
  }

  exposed(): void {}

  /** One request over the client's own connection; "busy" when no answer comes. */
  protected async request<Answer extends { ok: true }>(
    edge: Edge,
    what: string,
    call: (edge: Edge) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    try {
      const answer = await this.world.network.exchange(this, edge.node, what, (reply) => {
        call(edge).then(
          (value) => reply({ ok: true, value }),
          (error: unknown) => reply({ ok: false, error }),
        );
      });
      return answer as Answer | Refusal;
    } catch {
      return refuse("busy", { retryAfterSeconds: 1 });
    }
  }
}
