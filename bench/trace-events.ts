import { machineClock } from "./clock.ts";
import { type Kill, killAndRestart } from "./kill.ts";
import type { Flooding } from "./run.ts";
import type { ServerProcess } from "./server-process.ts";
import type { Trace, TraceEvent } from "./trace.ts";

/** How often the driver looks whether an event is due. */
const LOOK_MS = 20;

/** What came of a trace's events. */
export interface EventOutcomes {
  kills: Kill[];
  /** Sentences about events that this system cannot do. */
  skipped: string[];
}

/**
 * Lets every event of the trace happen when it is due. `server` is the driver's own, where one is
 * killed. Throws when the crowd is done before an event is due: the trace does not test it then.
 */
export async function runEvents(
  trace: Trace,
  run: Flooding,
  server: ServerProcess | null,
): Promise<EventOutcomes> {
  const outcomes: EventOutcomes = { kills: [], skipped: [] };
  for (const event of trace.events) {
    await untilDue(event, run);
    if (event.do === "restart") {
      if (server === null) throw new Error("only a server of the driver's own can be killed");
      outcomes.kills.push(await killAndRestart(server, run));
    } else {
      const sentence = await changeLine(event, run);
      if (sentence !== null) outcomes.skipped.push(sentence);
    }
  }
  return outcomes;
}

async function untilDue(event: TraceEvent, { crowd, sale }: Flooding): Promise<void> {
  const { afterSeconds = 0, afterSoldPercent = 0 } = event;
  const isDue = (): boolean =>
    machineClock.nowMs() >= crowd.startMs + afterSeconds * 1000 &&
    crowd.counts().bought >= (afterSoldPercent / 100) * sale.stock;
  while (!isDue()) {
    if (crowd.counts().ended === crowd.shoppers.length) {
      throw new Error(
        `the crowd was done before "${event.do}" was due; the trace needs more shoppers or an earlier event`,
      );
    }
    await machineClock.sleep(LOOK_MS);
  }
}

/** A sentence when the system has no such route, else null. */
async function changeLine(
  event: Extract<TraceEvent, { do: "change-line" }>,
  { admin, sale }: Flooding,
): Promise<string | null> {
  const { capacity, newUsersPerMinute, sessionSeconds } = event;
  const changed = await admin.changeLine(sale.saleId, {
    newUsersPerMinute,
    totalActiveUsers: capacity,
    sessionDurationSeconds: sessionSeconds,
  });
  const what = Object.entries({ newUsersPerMinute, capacity, sessionSeconds })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(", ");
  console.log(changed ? `Changed the line: ${what}` : `Not changed (404): ${what}`);
  return changed
    ? null
    : `change-line (${what}): PATCH /api/v1/admin/sales/{id}/queue answers 404, this system cannot do it`;
}
