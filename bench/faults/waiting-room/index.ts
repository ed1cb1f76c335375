import product, * as waitingRoom from "../../../workers/waiting-room/index.ts";
import { Deaths } from "../deaths.ts";
import type { FaultPlan } from "../plan.ts";
import { doublingQueue } from "../queue.ts";
import { around } from "../surroundings.ts";
import { Telling } from "../telling.ts";

/*
 * Stands in for the waiting room's own module: the same classes, whose objects are aborted at random, and
 * given an env whose queue doubles. The product knows nothing of it.
 */

/** As JSON: what is to be wrong. */
interface FaultyEnv extends WaitingRoomEnv {
  FAULTS: string;
}

const telling = new Telling("waiting-room", around.now);
/** The Worker is one isolate here. */
let deaths: Deaths | null = null;

export class LiveBoard extends waitingRoom.LiveBoard {
  constructor(ctx: DurableObjectState, env: WaitingRoomEnv) {
    super(ctx, worse(env));
    mortal(env).begin("LiveBoard", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class LiveRoot extends waitingRoom.LiveRoot {
  constructor(ctx: DurableObjectState, env: WaitingRoomEnv) {
    super(ctx, worse(env));
    mortal(env).begin("LiveRoot", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class QueueLane extends waitingRoom.QueueLane {
  constructor(ctx: DurableObjectState, env: WaitingRoomEnv) {
    super(ctx, worse(env));
    mortal(env).begin("QueueLane", ctx.id.toString(), this, () => ctx.abort());
  }
}

export class QueueSequencer extends waitingRoom.QueueSequencer {
  constructor(ctx: DurableObjectState, env: WaitingRoomEnv) {
    super(ctx, worse(env));
    mortal(env).begin("QueueSequencer", ctx.id.toString(), this, () => ctx.abort());
  }
}

export { BoardFeed, WaitingRoomService } from "../../../workers/waiting-room/index.ts";

export default product;

function planOf(env: WaitingRoomEnv): FaultPlan {
  return JSON.parse((env as FaultyEnv).FAULTS) as FaultPlan;
}

function mortal(env: WaitingRoomEnv): Deaths {
  if (deaths === null) {
    deaths = new Deaths(planOf(env).livesSeconds, around, telling);
    for (const watched of [LiveBoard, LiveRoot, QueueLane, QueueSequencer]) deaths.watch(watched);
  }
  return deaths;
}

function worse(env: WaitingRoomEnv): WaitingRoomEnv {
  const { doubled } = planOf(env);
  const { figures } = telling;
  const queue = doublingQueue(env.LEDGER_QUEUE, doubled, around.random, figures, () =>
    telling.tell(),
  );
  return { ...env, LEDGER_QUEUE: queue };
}
