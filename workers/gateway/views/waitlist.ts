import type { z } from "@hono/zod-openapi";
import { pollAfter } from "../../../domain/queue/board.ts";
import { formatTime } from "../../../domain/time.ts";
import type { WaitlistPlace } from "../../../durable-objects/sku-waitlist.ts";
import type { WaitlistView } from "../schemas/waitlist.ts";

/** A full list of 10,000 looks at its one object about 670 times a second; a unit that comes free waits far longer. */
const POLL_MS = 15_000;
/** Who is nearly next looks more often … */
const POLL_NEAR_MS = 5_000;
/** … and that is so many. */
const NEAR_POSITIONS = 10;

/** A place on the list, as the contract writes it. */
export function waitlistView(place: WaitlistPlace): z.input<typeof WaitlistView> {
  const { position, state, number, quantity, orderId, offerExpiresAtMs } = place;
  const isNear = position !== null && position <= NEAR_POSITIONS;
  return {
    position,
    state,
    quantity,
    ...(orderId === null ? {} : { orderId }),
    ...(offerExpiresAtMs === null ? {} : { offerExpiresAt: formatTime(offerExpiresAtMs) }),
    pollAfterMs: pollAfter(isNear ? POLL_NEAR_MS : POLL_MS, number),
  };
}
