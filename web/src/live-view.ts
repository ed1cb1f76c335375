/**
 * What a pushed board means for one shopper. The shop sends everyone the same text; the place in it is
 * worked out here, from the shopper's own number.
 */
import { estimateWait } from "../../domain/queue/estimate.ts";
import type { LiveMessage, QueueView, SaleState, SaleStatus } from "./contract.ts";

/** With a socket that lives, a place is asked for this often all the same: nothing is ever pushed about it alone. */
const SAFETY_POLL_MS = 60_000;
/** Who is invited by the board asks again after this when the shop, by an older board, has not let them in. */
const INVITED_POLL_MS = 1_000;
/** The look at the end of a pass comes this late, so that the answer is not from before it. */
const EXPIRY_GRACE_MS = 300;

const HAS_STARTED: ReadonlySet<SaleState> = new Set(["active", "paused", "sold_out"]);

/** Whether a place is one about which boards say something. */
export function followsBoard(view: QueueView | null): boolean {
  return (
    view !== null &&
    (view.state === "early" ||
      view.state === "waiting" ||
      view.state === "admitted" ||
      (view.state === "closed" && view.reason === "sold_out"))
  );
}

/** The place as the board has it; unchanged where only the shop can say. */
export function viewByBoard(view: QueueView, board: LiveMessage): QueueView {
  if (!followsBoard(view)) {
    return view;
  }
  const told: QueueView = {
    ...view,
    paused: board.state === "paused" || board.isHeld,
    nowServing: board.queue.nowServing,
    message: board.queue.message,
  };
  if (board.state === "ended") {
    return { ...told, state: "closed", reason: "ended", ahead: null, estimate: null };
  }
  if (view.number !== null && board.revoked.includes(view.number)) {
    return { ...told, state: "closed", reason: "revoked", ahead: null, estimate: null };
  }
  if (view.state === "admitted") {
    return { ...told, reason: board.state === "sold_out" ? "sold_out" : null };
  }
  if (board.state === "draft" || board.state === "scheduled" || board.state === "prequeue") {
    return told;
  }
  if (board.state === "sold_out") {
    return { ...told, state: "closed", reason: "sold_out", ahead: null, estimate: null };
  }
  return view.number === null ? toBeDrawn(told, board) : inLine(told, view.number, board);
}

/** The start has come, or the value that the draw waited for: there is a place by now, which only the shop can tell. */
function toBeDrawn(view: QueueView, board: LiveMessage): QueueView {
  const { drawsAfter: _drawsAfter, ...undrawn } = view;
  return view.state === "early" || isBrought(view, board)
    ? { ...undrawn, state: "waiting", pollAfterMs: INVITED_POLL_MS }
    : view;
}

/** Whether the draw waits no more for the value that it waited for. */
function isBrought({ drawsAfter }: QueueView, board: LiveMessage): boolean {
  return drawsAfter !== undefined && board.drawsAfter === null;
}

function isInvited({ state, number, nowServing }: QueueView): boolean {
  return state === "waiting" && number !== null && number <= (nowServing ?? 0);
}

function inLine(view: QueueView, number: number, board: LiveMessage): QueueView {
  const { nowServing } = board.queue;
  const ahead = Math.max(0, number - nowServing - 1);
  const available = board.items.reduce((sum, item) => sum + item.available, 0);
  // Who stands behind the last unit waits for others to give up: no rate says when that is.
  const hasEstimate = number > nowServing && !view.paused && ahead < available;
  return {
    ...view,
    state: "waiting",
    reason: null,
    ahead,
    pollAfterMs: number <= nowServing ? INVITED_POLL_MS : view.pollAfterMs,
    estimate: hasEstimate ? estimateWait(ahead, board.flow) : null,
  };
}

/**
 * Whether a board has just said something that the shop has to be asked about: the turn has come, or
 * the sale has opened for someone who has no number yet, or the value is there that their draw waited for.
 */
export function isToAsk(
  before: QueueView,
  board: LiveMessage,
  earlier: SaleStatus | null,
): boolean {
  if (before.state === "admitted" || !followsBoard(before) || !HAS_STARTED.has(board.state)) {
    return false;
  }
  if (before.number === null) {
    // Places are drawn in a sale that is paused or held as well.
    return board.state !== earlier?.state || isBrought(before, board);
  }
  if (board.state !== "active" || board.isHeld) {
    return false;
  }
  const wasInvited = isInvited(before) && !before.paused;
  return before.number <= board.queue.nowServing && !wasInvited;
}

/** When to poll next while the socket lives, given when polls alone would. */
export function livePollMs(view: QueueView, polledMs: number | null, nowMs: number): number | null {
  const isUndrawn = view.state === "waiting" && view.number === null;
  // When a value is brought is pushed; when a round is drawn is not.
  const isUndecided = isInvited(view) || (isUndrawn && view.drawsAfter === undefined);
  if (polledMs === null || isUndecided) {
    return polledMs;
  }
  const expiresAtMs = view.state === "admitted" ? Date.parse(view.passExpiresAt ?? "") : Number.NaN;
  const untilEndMs = Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs - nowMs + EXPIRY_GRACE_MS;
  return Math.max(polledMs, Math.min(SAFETY_POLL_MS, untilEndMs));
}
