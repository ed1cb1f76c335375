import { openTicket, type Keyring, type Ticket } from "../../../domain/token.ts";
import { Generations } from "./generations.ts";

/** Tickets of one isolate that are remembered at once: about 10 MB, of the 128 it has. */
const TICKETS_MAX = 25_000;

/**
 * Remembers what verified tickets say. Who waits shows one ticket with every poll, and nothing in it changes: the HMAC and what it covers
 * are the dearest part of an answer that is otherwise in memory. What failed is not remembered.
 */
export class TicketCache {
  readonly #tickets: Generations<Ticket>;

  constructor(ticketsMax = TICKETS_MAX) {
    this.#tickets = new Generations(ticketsMax);
  }

  /** What the ticket says; `null` when it is not one of ours. */
  open(keyring: Keyring, token: string): Ticket | null {
    const known = this.#tickets.get(token);
    if (known) return known;
    const ticket = openTicket(keyring, token);
    if (ticket) this.#tickets.put(token, ticket);
    return ticket;
  }
}
