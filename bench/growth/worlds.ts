import type { Kind } from "./kinds.ts";
import { LaneWorld } from "./lane-world.ts";
import { LineWorld } from "./line-world.ts";
import { count, type Row } from "./rounds.ts";
import { SkuWorld } from "./sku-world.ts";
import type { World } from "./world.ts";

/** Fills a fresh object with so many holds or tickets. */
export function openWorld(kind: Kind, state: DurableObjectState, size: number): Promise<World> {
  if (kind === "item") return SkuWorld.open(state, size);
  return kind === "line" ? LineWorld.open(state, size) : LaneWorld.open(state, size);
}

/** What the start of a sale does for which so many have entered early. */
export async function countStart(state: DurableObjectState, size: number): Promise<Row[]> {
  const world = await LineWorld.openEarly(state, size);
  return count(world, (step) => world.start(step));
}
