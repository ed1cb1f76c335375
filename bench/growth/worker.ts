import { DurableObject } from "cloudflare:workers";
import { countTurn, timeTurns } from "./rounds.ts";
import type { World } from "./world.ts";
import { TIMED_TURNS, type Kind } from "./kinds.ts";
import { countStart, openWorld } from "./worlds.ts";

interface Env {
  STAGE: DurableObjectNamespace<Stage>;
}

/** An answer about a large object that is not full yet comes after so long. */
const PATIENCE_MS = 10_000;

/** An object in which one world stands, and a storage of its own under it. */
export class Stage extends DurableObject<Env> {
  #filling: Promise<World> | null = null;
  #isFull = false;

  override async fetch(request: Request): Promise<Response> {
    const [, kind = "", size = "", what] = new URL(request.url).pathname.split("/");
    if (what === "start") return Response.json(await countStart(this.ctx, Number(size)));
    this.#filling ??= this.#fill(kind as Kind, Number(size));
    if (what === "fill") {
      await Promise.race([this.#filling, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
      return Response.json({ bytes: this.#isFull ? this.ctx.storage.sql.databaseSize : null });
    }
    const world = await this.#filling;
    if (what === "count") return Response.json(await countTurn(world));
    return Response.json(Object.fromEntries(await timeTurns(world, Number(what), TIMED_TURNS)));
  }

  async #fill(kind: Kind, size: number): Promise<World> {
    const world = await openWorld(kind, this.ctx, size);
    this.#isFull = true;
    return world;
  }
}

/** `/<kind>/<size>/fill|count|start|<first turn of ten>`, each size in an object of its own. */
export default {
  fetch(request, env) {
    const [, kind, size, what] = new URL(request.url).pathname.split("/");
    // The name is a lane's: it says the sale and the lane.
    const name = `${what === "start" ? what : kind}-${size}/0`;
    return env.STAGE.getByName(name).fetch(request);
  },
} satisfies ExportedHandler<Env>;
