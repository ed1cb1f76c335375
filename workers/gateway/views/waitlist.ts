import type { z } from "@hono/zod-openapi";
import { pollAfter } from "../../../domain/queue/board.ts";
import { formatTime } from "../../../domain/time.ts";
import type { WaitlistPlace } from "../../../durable-objects/sku-waitlist.ts";
import type { WaitlistView } from "../schemas/waitlist.ts";

/**
 * Who stands in so far looks so often. A full list of 10,000 looks at its one object 170 times a second; who is far back hears of
 * an offer by the status that everyone is shown, or by a look that leaves half of the hold.
 */
const LOOKS: readonly { upTo: number; pollMs: number }[] = [
  { upTo: 10, pollMs: 5_000 },
  { upTo: 100, pollMs: 15_000 },
  { upTo: Infinity, pollMs: 60_000 },
];
/** Who has an offer, or no place any more. */
const POLL_STANDING_MS = 15_000;

/** A place on the list, as the contract writes it. */
export function waitlistView(place: WaitlistPlace): z.input<typeof WaitlistView> {
  const { position, state, number, quantity, orderId, offerExpiresAtMs } = place;
  const look = position === null ? undefined : LOOKS.find(({ upTo }) => position <= upTo);
  return {
    position,
    state,
    quantity,
    ...(orderId === null ? {} : { orderId }),
    ...(offerExpiresAtMs === null ? {} : { offerExpiresAt: formatTime(offerExpiresAtMs) }),
    pollAfterMs: pollAfter(look?.pollMs ?? POLL_STANDING_MS, number),
  };
}
