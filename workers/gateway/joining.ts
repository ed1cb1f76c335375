import { JOIN_COMPANY_SHARE_OF_WINDOW } from "../../domain/queue/lane.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { JoinCommand } from "../../durable-objects/lane-steps.ts";
import type { PlaceAnswer } from "../../durable-objects/queue-lane.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import { Gathering } from "./gathering.ts";

/** An answer takes the reorder window and what a crowd adds; who asks again too soon makes the crowd larger. */
const LATE_MS = 20_000;

/** The joins of an isolate, by the name of their lane. */
export type Joins = Gathering<JoinCommand, PlaceAnswer | Refusal>;

/** @param companyMs how long a join among others waits for more, in ms. */
export function gatherJoins(runtime: Runtime, companyMs = joinCompanyMs): Joins {
  return new Gathering<JoinCommand, PlaceAnswer | Refusal>(runtime, {
    companyMs,
    lateMs: LATE_MS,
    one: ({ QUEUE_LANE }, lane, join) =>
      QUEUE_LANE.getByName(lane).join(
        join.binding,
        join.arrivedAtMs,
        join.lanes,
        join.isDraining,
        join.mayRejoin,
        join.reorderWindowMs,
      ),
    many: ({ QUEUE_LANE }, lane, joins) => QUEUE_LANE.getByName(lane).joinMany(joins),
  });
}

function joinCompanyMs({ reorderWindowMs }: JoinCommand): number {
  return reorderWindowMs * JOIN_COMPANY_SHARE_OF_WINDOW;
}
