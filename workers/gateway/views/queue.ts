import type { z } from "@hono/zod-openapi";
import { placeOf, type Board, type QueueView } from "../../../domain/queue/board.ts";
import { renewedUntilMs } from "../../../domain/queue/session.ts";
import { ticketByDraw, type Shuffle } from "../../../domain/queue/shuffle.ts";
import { formatTime } from "../../../domain/time.ts";
import { sealPass, type Keyring, type Pass, type Ticket } from "../../../domain/token.ts";
import type { PlaceAnswer } from "../../../durable-objects/queue-lane.ts";
import type { QueueView as QueueViewSchema } from "../schemas/queue.ts";

/** A queue view with its tokens. */
export type View = z.input<typeof QueueViewSchema>;

/** Shoppers inside look again this often: for a pause, or the end of their pass. */
const INSIDE_POLL_MS = 2_000;

/** The place that a lane's answer tells of. */
export function ticketOf(
  saleId: string,
  binding: string,
  answer: PlaceAnswer,
  shuffle: Shuffle | null,
): Ticket {
  const { lane, number, arrivedAtMs } = answer;
  const place = { saleId, lane, number, arrivedAtMs, binding };
  if (shuffle === null) return place;
  return ticketByDraw({ ...place, number: null, earlyIndex: number }, shuffle);
}

/** What the view of a join has beside it: proof of the join, where the sale has a log. */
export function receiptOf({ receipt }: PlaceAnswer): Pick<View, "receipt"> {
  return receipt ? { receipt } : {};
}

/**
 * The view of a place by what its lane answered. A granted one carries its pass, signed from the
 * stored row, so that every repeat carries the same bytes.
 */
export function laneView(
  keyring: Keyring,
  ticket: Ticket,
  answer: PlaceAnswer,
  board: Board,
  nowMs: number,
): View {
  const { view } = placeOf(ticket, board, nowMs);
  const { state, claimedAtMs, expiresAtMs } = answer;
  if (state === "placed" || isOver(view)) return view;
  if (state === "revoked") return { ...closedPlace(view, "closed"), reason: "revoked" };
  if (state !== "granted") return closedPlace(view, state);
  if (claimedAtMs === null || expiresAtMs === null)
    throw new Error("A granted place has no times.");
  const { saleId, number, binding } = ticket;
  // Another edge has seen the start; this one's board will in a moment.
  if (number === null) return view;
  const pass = { saleId, number, binding, claimedAtMs, expiresAtMs };
  return passView(view, { token: sealPass(keyring, pass), pass }, board, nowMs);
}

/** The view of a shopper who holds a genuine pass. */
export function passView(
  view: QueueView,
  { token, pass }: { token: string; pass: Pass },
  board: Board,
  nowMs: number,
): View {
  if (nowMs >= pass.expiresAtMs)
    return view.state === "closed" ? view : closedPlace(view, "expired");
  // A sold-out sale may reopen, and the stored answer to a purchase is there in any case: whoever is
  // inside stays inside, and `reason` says that there is nothing to buy now.
  return {
    ...view,
    state: "admitted",
    // A line that is held stands still for those who wait, not for those inside.
    paused: board.state === "paused",
    ahead: 0,
    estimate: null,
    pollAfterMs: INSIDE_POLL_MS,
    pass: token,
    passExpiresAt: formatTime(pass.expiresAtMs),
  };
}

/**
 * What the lane has to be asked for a shopper with this pass who says who they are; `null` for nothing.
 * One that is over may have been renewed on another device: then the lane's row has the pass.
 */
export function laneCallOf(
  pass: Pass,
  isInvited: boolean,
  { controls }: Board,
  nowMs: number,
): "renew" | "claim" | null {
  const { disableSessionRenewal, sessionDurationSeconds } = controls;
  if (disableSessionRenewal) return null;
  if (nowMs >= pass.expiresAtMs) return isInvited ? "claim" : null;
  return renewedUntilMs(pass, sessionDurationSeconds, nowMs) === null ? null : "renew";
}

/** How often someone who gets no place may look again. */
const REJECTED_POLL_MS = 30_000;

/** What someone sees who gets no place, since the sale gives none. */
export function rejectedView(board: Board): View {
  return {
    state: "closed",
    reason: "rejected",
    paused: false,
    number: null,
    ahead: null,
    estimate: null,
    pollAfterMs: REJECTED_POLL_MS,
    nowServing: board.cursor,
    message: board.controls.message,
  };
}

/** Whether nothing that the shopper holds counts any more. */
export function isOver({ reason }: QueueView): boolean {
  return reason === "ended" || reason === "revoked";
}

function closedPlace(view: QueueView, state: "lapsed" | "expired" | "left" | "closed"): View {
  return { ...view, state, reason: null, ahead: null, estimate: null };
}
