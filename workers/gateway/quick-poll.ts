import { boardAt, placeOf } from "../../domain/queue/board.ts";
import { ticketByDraw } from "../../domain/queue/shuffle.ts";
import { newHeading, respond } from "./answer.ts";
import type { Bindings } from "./bindings.ts";
import { keyringOf } from "./credentials.ts";
import type { Gateway } from "./gateway.ts";
import type { SaleRequest } from "./lean-routes.ts";

/** With any of these a poll asks for more than the place. */
const ASKS_FOR_MORE = ["Authorization", "Queue-Pass", "Cookie"] as const;

/**
 * Answers the poll of who waits, which is nearly every call of a sale: by a ticket alone and a board that is fresh, without a
 * promise, a context or a route. `null` for everything else: then the route `pollQueue` answers, which knows all cases and says of this
 * one the same.
 */
export function quickPoll(
  { boards, ids, runtime, tickets }: Pick<Gateway, "boards" | "ids" | "runtime" | "tickets">,
  { raw: { headers }, saleId }: SaleRequest,
  env: Bindings,
): Response | null {
  const token = headers.get("Queue-Ticket");
  if (token === null || ASKS_FOR_MORE.some((name) => headers.has(name))) return null;
  const board = boards.fresh(saleId);
  if (board === null) return null;
  const ticket = tickets.open(keyringOf(env), token);
  if (ticket?.saleId !== saleId || ticketByDraw(ticket, board.shuffle) !== ticket) return null;
  const nowMs = runtime.now();
  const { invited, view } = placeOf(ticket, boardAt(board, nowMs), nowMs);
  return invited ? null : respond(newHeading(ids.next()), JSON.stringify(view), "application/json");
}
