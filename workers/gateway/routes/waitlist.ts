import { ORDER_ID_RANDOM_BYTES, sealOrderId } from "../../../domain/order-id.ts";
import { ticketByDraw } from "../../../domain/queue/shuffle.ts";
import { formatTime } from "../../../domain/time.ts";
import { shopperBinding, type Ticket } from "../../../domain/token.ts";
import { isGuest, type Identity } from "../access-token.ts";
import { setStatus } from "../answer.ts";
import { keyringOf, shopperOf, ticketFrom } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { idInPath, requireBoard, requireItem, requireSale } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import { countedNetwork, shopperOrigin } from "../origin.ts";
import { accepted, refused } from "../problems.ts";
import { TICKET_HEADER } from "../schemas/queue.ts";
import { WaitlistBody, WaitlistView } from "../schemas/waitlist.ts";
import { waitlistView } from "../views/waitlist.ts";

/** Puts a shopper with a place in line on the waiting list of an item; the place in line stays. */
export const joinWaitlist = endpoint(
  {
    tag: "Buying",
    summary: "Wait for units that come free: 201 the first time, 200 after",
    body: WaitlistBody,
    statuses: [201, 200],
    answer: WaitlistView,
    parameters: [TICKET_HEADER],
    problems: [
      "ticket_invalid",
      "guest_not_allowed",
      "not_found",
      "sold_out",
      "limit_reached",
      "order_state_conflict",
      "sale_not_started",
      "sale_ended",
      "busy",
    ],
  },
  async (c, { body }) => {
    const identity = shopperOf(c);
    const sale = await requireSale(c);
    const { saleId, allowGuests, perAddress } = sale.definition;
    const { sku } = requireItem(sale, idInPath(c, "sku"));
    if (!allowGuests && isGuest(identity)) throw refused("guest_not_allowed");
    const number = await numberOf(c, requireOwnTicket(c, saleId, identity));
    const { runtime } = c.get("gateway");
    const random = runtime.randomBytes(ORDER_ID_RANDOM_BYTES);
    const command = {
      orderId: sealOrderId(keyringOf(c.env), sku, runtime.now(), random),
      shopper: identity.subject,
      number,
      quantity: body.quantity,
      ...(perAddress === undefined ? {} : countedNetwork(c, saleId)),
      from: shopperOrigin(c, sku),
    };
    const { isNew, place } = accepted(
      await callObject(() => c.env.SKU.getByName(sku).joinWaitlist(command)),
    );
    setStatus(c, isNew ? 201 : 200);
    return waitlistView(place);
  },
);

/** Where the shopper stands. It asks the item's object, so that an offer is seen as soon as it is made. */
export const getWaitlist = endpoint(
  {
    tag: "Buying",
    summary: "The place on the waiting list, and what is offered",
    statuses: [200],
    answer: WaitlistView,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    const { sku } = requireItem(await requireSale(c), idInPath(c, "sku"));
    const { place } = accepted(
      await callObject(() => c.env.SKU.getByName(sku).waitlistPlace(subject)),
    );
    return waitlistView(place);
  },
);

/** Leaves the list, or declines what is offered. */
export const leaveWaitlist = endpoint(
  {
    tag: "Buying",
    summary: "Leave the waiting list; an open offer is declined and goes on to the next",
    statuses: [204],
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  async (c) => {
    const { subject } = shopperOf(c);
    const { sku } = requireItem(await requireSale(c), idInPath(c, "sku"));
    const from = shopperOrigin(c, sku);
    accepted(await callObject(() => c.env.SKU.getByName(sku).leaveWaitlist(subject, from)));
  },
);

/** @throws Refused `ticket_invalid` without a genuine ticket of this shopper for this sale. */
function requireOwnTicket(c: GatewayContext, saleId: string, { subject }: Identity): Ticket {
  const ticket = ticketFrom(c, saleId);
  if (ticket?.binding !== shopperBinding(keyringOf(c.env), saleId, subject))
    throw refused("ticket_invalid");
  return ticket;
}

/** The number that gives the order of the list; one that is still to be drawn gives none. */
async function numberOf(c: GatewayContext, ticket: Ticket): Promise<number> {
  if (ticket.number !== null) return ticket.number;
  const board = await requireBoard(c, ticket.saleId);
  const { number } = ticketByDraw(ticket, board.shuffle);
  if (number !== null) return number;
  if (c.get("gateway").runtime.now() < board.startsAtMs)
    throw refused("sale_not_started", { startsAt: formatTime(board.startsAtMs) });
  throw refused("order_state_conflict", {
    detail: "Your place is not drawn yet, and the list goes by numbers. Ask again after the draw.",
  });
}
