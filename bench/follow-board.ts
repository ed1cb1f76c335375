import { isInvited, type LiveBoard, type QueueView } from "./contract.ts";

/** Who is invited by a board looks again after this when the answer, by an older one, says wait. */
const INVITED_POLL_MS = 1000;

/**
 * A place as a pushed board has it, worked out from its number as the shop's pages do (`web/src/live-view.ts`,
 * written a second time so that the driver judges it); unchanged where only the shop can say.
 */
export function viewByBoard(view: QueueView, board: LiveBoard): QueueView {
  const { number } = view;
  const { nowServing } = board.queue;
  const told: QueueView = { ...view, nowServing };
  if (board.state === "ended") return closed(told, "ended");
  if (number !== null && board.revoked.includes(number)) return closed(told, "revoked");
  if (view.state === "admitted") {
    return { ...told, reason: board.state === "sold_out" ? "sold_out" : view.reason };
  }
  if (board.state === "sold_out") return closed(told, "sold_out");
  if (number === null || (board.state !== "active" && board.state !== "paused")) return told;
  const ahead = Math.max(0, number - nowServing - 1);
  const pollAfterMs = number <= nowServing ? INVITED_POLL_MS : view.pollAfterMs;
  return { ...told, state: "waiting", reason: null, ahead, pollAfterMs };
}

/**
 * Whether this board is a reason to ask the shop: the turn has come, or the sale has opened for
 * someone without a number. `earlier` is the board before it.
 */
export function isToAsk(view: QueueView, board: LiveBoard, earlier: LiveBoard | null): boolean {
  if (view.state === "admitted" || board.state !== "active" || board.isHeld) return false;
  if (view.number === null) return earlier?.state !== "active";
  return view.number <= board.queue.nowServing && !(isInvited(view) && !isHeldBy(earlier));
}

/** Whether this board is the first to say that a waiting list has something for this place. */
export function isOfferNews(view: QueueView, board: LiveBoard, earlier: LiveBoard | null): boolean {
  return isOfferedBy(board, view) && !(earlier !== null && isOfferedBy(earlier, view));
}

function isOfferedBy({ items = [] }: LiveBoard, { number }: QueueView): boolean {
  return items.some(({ offered = [] }) => number !== null && offered.includes(number));
}

/** Whether a board, or the figures that everyone may ask for, say that all is held: what comes free goes to the list first. */
export function isAllHeld({ items = [], state }: Pick<LiveBoard, "items" | "state">): boolean {
  return state === "active" && items.length > 0 && items.every(({ available }) => available === 0);
}

function isHeldBy(board: LiveBoard | null): boolean {
  return board !== null && (board.isHeld || board.state === "paused");
}

function closed(view: QueueView, reason: "sold_out" | "ended" | "revoked"): QueueView {
  return { ...view, state: "closed", reason, ahead: null };
}
