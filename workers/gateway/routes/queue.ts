import { laneName, laneOf } from "../../../domain/queue/lane.ts";
import { mayBeInvited, placeOf, type Board } from "../../../domain/queue/board.ts";
import { indexOf, ticketByDraw } from "../../../domain/queue/shuffle.ts";
import { formatTime } from "../../../domain/time.ts";
import { sealTicket, shopperBinding, type Ticket } from "../../../domain/token.ts";
import { isGuest } from "../access-token.ts";
import { setStatus } from "../answer.ts";
import { clearCookies, keepInCookie } from "../cookies.ts";
import {
  checkTicketBearer,
  keyringOf,
  passOfPlace,
  shopperOf,
  ticketFrom,
} from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import { callerOf, type GatewayContext } from "../gateway.ts";
import { boardOrNull, requireBoard, requireSale } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import { accepted, refused } from "../problems.ts";
import { EmptyBody } from "../schemas/common.ts";
import { PASS_HEADER, QueueView, TICKET_HEADER } from "../schemas/queue.ts";
import {
  isOver,
  laneCallOf,
  laneView,
  rejectedView,
  passView,
  receiptOf,
  ticketOf,
  type View,
} from "../views/queue.ts";

/** Nobody has to say who they are, but who does has to be right. */
const TICKET_ALONE_OR_WITH_BEARER = [{}, { accessToken: [] }];

/** Gives the shopper a place in line, or the one they have. */
export const joinQueue = endpoint(
  {
    tag: "Queue",
    summary: "Join the line: 201 the first time, 200 after",
    body: EmptyBody,
    statuses: [201, 200],
    answer: QueueView,
    problems: ["guest_not_allowed", "not_found", "sale_not_started", "sale_ended", "busy"],
  },
  async (c) => {
    const identity = shopperOf(c);
    const { definition } = await requireSale(c);
    const { saleId, allowGuests } = definition;
    if (!allowGuests && isGuest(identity)) throw refused("guest_not_allowed");
    const board = await requireBoard(c, saleId);
    refuseUnlessOpen(board);
    if (definition.queue.queueingMethod === "reject") {
      setStatus(c, 200);
      return rejectedView(board);
    }
    const keyring = keyringOf(c.env);
    const binding = shopperBinding(keyring, saleId, identity.subject);
    const { lanes, allowRejoin, reorderWindowMs } = definition.queue;
    const answer = accepted(
      await c.get("gateway").joins.ask(callerOf(c), laneName(saleId, laneOf(binding, lanes)), {
        binding,
        arrivedAtMs: c.get("arrivedAtMs"),
        lanes,
        isDraining: board.controls.draining,
        mayRejoin: allowRejoin,
        reorderWindowMs,
      }),
    );
    setStatus(c, answer.first ? 201 : 200);
    const ticket = ticketOf(saleId, binding, answer, board.shuffle);
    const nowMs = c.get("gateway").runtime.now();
    const view = laneView(keyring, ticket, answer, board, nowMs);
    return { ...withTokens(c, ticket, view, board, nowMs), ...receiptOf(answer) };
  },
);

/**
 * Where the shopper stands. The first look after the draw gives who was drawn the number. By far the most
 * frequent call: a waiting one costs one MAC and a look at the board in memory. Only who shows the access
 * token reaches an object: to claim, invited by this board or by a newer one, to renew a pass, or with
 * one that is over.
 */
export const pollQueue = endpoint(
  {
    tag: "Queue",
    summary: "Look at the place; claims the pass after the invitation, and renews it later",
    statuses: [200],
    answer: QueueView,
    parameters: [TICKET_HEADER, PASS_HEADER],
    security: TICKET_ALONE_OR_WITH_BEARER,
    problems: ["ticket_invalid", "unauthorized", "not_found", "busy"],
  },
  async (c) => {
    const brought = ticketFrom(c, c.req.param("saleId") ?? "") ?? (await refuseTicket(c));
    const { saleId, lane, binding } = brought;
    const isIdentified = checkTicketBearer(c, brought);
    const board = await requireBoard(c, saleId);
    const nowMs = c.get("gateway").runtime.now();
    const ticket = ticketByDraw(brought, board.shuffle);
    const { view, invited } = placeOf(ticket, board, nowMs);
    const tell = (told: View): View =>
      ticket === brought ? told : withTokens(c, ticket, told, board, nowMs);
    if (isOver(view)) return tell(view);
    const held = passOfPlace(c, ticket);
    const asks = held && isIdentified ? laneCallOf(held.pass, invited, board, nowMs) : null;
    if (held && !asks) return tell(passView(view, held, board, nowMs));
    const claims = invited || (isIdentified && mayBeInvited(view, board, nowMs));
    if (!held && !claims) return tell(view);
    if (!isIdentified)
      throw refused("unauthorized", { detail: "Claiming needs the access token." });
    const answer = accepted(
      await callObject(() =>
        held && asks === "renew"
          ? laneStub(c, saleId, lane).renew(binding, indexOf(ticket), held.pass.expiresAtMs)
          : laneStub(c, saleId, lane).claim(binding, indexOf(ticket), view.paused),
      ),
    );
    const current = ticketOf(saleId, binding, answer, board.shuffle);
    const claimed = laneView(keyringOf(c.env), current, answer, board, nowMs);
    if (current.number !== brought.number) return withTokens(c, current, claimed, board, nowMs);
    keepPass(c, saleId, claimed, answer.expiresAtMs, nowMs);
    return claimed;
  },
);

/** Gives the place up. */
export const leaveQueue = endpoint(
  {
    tag: "Queue",
    summary: "Leave the line",
    statuses: [204],
    parameters: [TICKET_HEADER],
    security: TICKET_ALONE_OR_WITH_BEARER,
    problems: ["ticket_invalid", "unauthorized", "forbidden", "not_found", "busy"],
  },
  async (c) => {
    const ticket = ticketFrom(c, c.req.param("saleId") ?? "") ?? (await refuseTicket(c));
    checkTicketBearer(c, ticket);
    const { saleId, lane, binding } = ticket;
    const board = await boardOrNull(c, saleId);
    // Who was sent away cannot leave: leaving is what gives the right to another place.
    if (board && isRevoked(ticket, board)) return;
    accepted(await callObject(() => laneStub(c, saleId, lane).leave(binding, indexOf(ticket))));
    clearCookies(c, saleId);
  },
);

/** Only for what is not a ticket the sale itself is looked up. */
async function refuseTicket(c: GatewayContext): Promise<never> {
  await requireSale(c);
  throw refused("ticket_invalid");
}

function refuseUnlessOpen(board: Board): void {
  switch (board.state) {
    case "draft":
      throw refused("not_found");
    case "scheduled":
      throw refused("sale_not_started", { startsAt: formatTime(board.startsAtMs) });
    case "ended":
      throw refused("sale_ended");
    case "prequeue":
    case "active":
    case "paused":
    case "sold_out":
      return;
  }
}

function isRevoked(ticket: Ticket, board: Board): boolean {
  const { number } = ticketByDraw(ticket, board.shuffle);
  return number !== null && board.revoked.includes(number);
}

/** The object that keeps the place: a fresh stub for each call. */
function laneStub(c: GatewayContext, saleId: string, lane: number) {
  return c.env.QUEUE_LANE.getByName(laneName(saleId, lane));
}

/** Puts a new ticket into the view, and with the pass into cookies. */
function withTokens(
  c: GatewayContext,
  ticket: Ticket,
  view: View,
  board: Board,
  nowMs: number,
): View {
  const token = sealTicket(keyringOf(c.env), ticket);
  keepInCookie(c, "t", ticket.saleId, token, board.endsAtMs - nowMs);
  keepPass(c, ticket.saleId, view, board.endsAtMs, nowMs);
  return { ...view, ticket: token };
}

function keepPass(
  c: GatewayContext,
  saleId: string,
  { pass }: View,
  untilMs: number | null,
  nowMs: number,
): void {
  if (pass !== undefined && untilMs !== null) keepInCookie(c, "p", saleId, pass, untilMs - nowMs);
}
