import { sha256Hex } from "../../domain/hash.ts";
import { ORDER_ID_RANDOM_BYTES } from "../../domain/order-id.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import type { CheckoutCommand } from "../../domain/purchase/stock.ts";
import { boardAt, mayBeInvited, placeOf, type Board } from "../../domain/queue/board.ts";
import { laneName, laneOf } from "../../domain/queue/lane.ts";
import { indexOf, ticketByDraw } from "../../domain/queue/shuffle.ts";
import { networkHash, postalAddressHash, type Ticket } from "../../domain/token.ts";
import type { QueueLane } from "../../durable-objects/queue-lane.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { WaitlistAnswer } from "../../durable-objects/sku-waitlist.ts";
import type { Caller as GatewayCaller } from "../../workers/gateway/bindings.ts";
import { BoardCache } from "../../workers/gateway/caches/board-cache.ts";
import { gatherJoins, type Joins } from "../../workers/gateway/joining.ts";
import { callObject } from "../../workers/gateway/object-calls.ts";
import { gatherPurchases, reserveUnits, type Purchases } from "../../workers/gateway/reserving.ts";
import {
  isOver,
  laneCallOf,
  laneView,
  passView,
  ticketOf,
  type View,
} from "../../workers/gateway/views/queue.ts";
import { checkoutOrder } from "../../workers/purchase/checkout.ts";
import type { CardReader } from "../../workers/purchase/providers/provider.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { Feed } from "./feed.ts";
import { Seals } from "./keys.ts";
import { LiveDoor } from "./live-door.ts";
import { addressOf, cardOf, homeOf } from "./means.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** An edge whose board is older than this has not heard of the line for a while. */
const STALE_MS = 3_000;

/** Of the questions which card a token stands for, so many are not answered. */
const CARD_UNKNOWN_SHARE = 0.1;

/** A crowd of thirty seldom comes within the few milliseconds that a gateway waits for company: some edges wait longer. */
const COMPANIES_MS = [undefined, 90];

/** A look at the line with the tokens that go with it. */
export interface QueueAnswer {
  ok: true;
  ticket: string;
  view: View;
}

/**
 * One edge isolate: the gateway's steps between a shopper and the objects, without HTTP. Tokens, views,
 * board cache and retries are the gateway's own; whom an access token speaks for is taken as given.
 */
export class Edge {
  readonly node: string;
  /** Sockets. */
  readonly live: LiveDoor;
  readonly #world: World;
  readonly #witness: Witness;
  readonly #caller: WorkerCaller;
  readonly #dice: Dice;
  readonly #cardDice: Dice;
  readonly #feed: Feed | null;
  readonly #seals: Seals;
  readonly #companyMs: number | undefined;
  #boards: BoardCache;
  #purchases: Purchases;
  #joins: Joins;

  constructor(world: World, witness: Witness, node: string, feed: Feed | null = null) {
    this.node = node;
    this.#feed = feed;
    this.#seals = new Seals(world.keys, node);
    this.#world = world;
    this.#witness = witness;
    this.#caller = new WorkerCaller(world.kernel, node);
    this.#dice = world.kernel.dice.fork(node);
    this.#cardDice = world.kernel.dice.fork(`${node}/cards`);
    this.#boards = this.#emptyBoards();
    this.#companyMs = world.kernel.dice.fork(`${node}/company`).pick(COMPANIES_MS);
    this.#purchases = this.#noPurchases();
    this.#joins = this.#noJoins();
    this.live = new LiveDoor(world, this.#caller, this.#seals);
  }

  /** The isolate starts anew: what it remembered is gone. */
  restart(): void {
    this.live.restart();
    this.#world.keys.restart(this.node);
    this.#boards = this.#emptyBoards();
    this.#purchases = this.#noPurchases();
    this.#joins = this.#noJoins();
  }

  async join(subject: string): Promise<QueueAnswer | Refusal> {
    const board = await this.#board();
    if (board.state === "scheduled" || board.state === "draft") return refuse("sale_not_started");
    if (board.state === "ended") return refuse("sale_ended");
    const { plan } = this.#world;
    const binding = this.#seals.binding(SALE_ID, subject);
    const { lanes, allowRejoin, reorderWindowMs } = plan.queue;
    const name = laneName(SALE_ID, laneOf(binding, lanes));
    const answer = await this.#joins.ask(this.#gatewayCaller(), name, {
      binding,
      arrivedAtMs: this.#now(),
      lanes,
      isDraining: board.controls.draining,
      mayRejoin: allowRejoin,
      reorderWindowMs,
    });
    if (!answer.ok) return answer;
    if (answer.receipt) this.#witness.receipted(binding, answer.number, answer.receipt);
    const ticket = ticketOf(SALE_ID, binding, answer, board.shuffle);
    return this.#seen(ticket, laneView(this.#seals.ring, ticket, answer, board, this.#now()));
  }

  /** Where a ticket stands; claims the pass of an invited one. */
  async poll(
    subject: string,
    ticketToken: string,
    passToken: string | undefined,
  ): Promise<QueueAnswer | Refusal> {
    const brought = this.#openTicket(subject, ticketToken);
    if (!brought) return refuse("ticket_invalid");
    const board = await this.#board();
    const nowMs = this.#now();
    const ticket = ticketByDraw(brought, board.shuffle);
    const { view, invited } = placeOf(ticket, board, nowMs);
    const same = (view: View): QueueAnswer =>
      ticket === brought ? { ok: true, ticket: ticketToken, view } : this.#seen(ticket, view);
    if (isOver(view)) return same(view);
    const pass = passToken === undefined ? null : this.#seals.openPass(passToken);
    const isOwn = pass?.number === ticket.number && pass.binding === ticket.binding;
    const held = isOwn && passToken !== undefined ? { token: passToken, pass } : null;
    const asks = held && laneCallOf(held.pass, invited, board, nowMs);
    if (held && !asks) return same(passView(view, held, board, nowMs));
    if (!held && !invited && !mayBeInvited(view, board, nowMs)) return same(view);
    const { lane, binding } = ticket;
    const renews = held !== null && asks === "renew";
    if (renews) this.#witness.renewing(held.pass.number);
    const answer = await callObject(() =>
      renews
        ? this.#lane(lane).renew(binding, indexOf(ticket), held.pass.expiresAtMs)
        : this.#lane(lane).claim(binding, indexOf(ticket), view.paused),
    );
    if (!answer.ok) return answer;
    const current = ticketOf(SALE_ID, binding, answer, board.shuffle);
    return this.#seen(current, laneView(this.#seals.ring, current, answer, board, nowMs));
  }

  async leave(subject: string, ticketToken: string): Promise<{ ok: true } | Refusal> {
    const ticket = this.#openTicket(subject, ticketToken);
    if (!ticket) return refuse("ticket_invalid");
    const { lane, binding } = ticket;
    const index = indexOf(ticket);
    this.#witness.leaving(index);
    const answer = await callObject(() => this.#lane(lane).leave(binding, index));
    if (!answer.ok) return answer;
    this.#witness.left(index);
    return { ok: true };
  }

  async purchase(
    subject: string,
    passToken: string,
    idempotencyKey: string,
    body: { sku: string; quantity: number },
  ): Promise<ReserveAnswer | Refusal> {
    const pass = this.#seals.openPass(passToken);
    const binding = this.#seals.binding(SALE_ID, subject);
    if (!pass || pass.binding !== binding) return refuse("pass_invalid");
    const { sku, quantity } = body;
    const orderId = this.#seals.orderId(sku, this.#now(), this.#dice.bytes(ORDER_ID_RANDOM_BYTES));
    const command = {
      orderId,
      shopper: subject,
      number: pass.number,
      passExpiresAtMs: pass.expiresAtMs,
      idempotencyKey,
      bodyHash: sha256Hex(JSON.stringify([sku, quantity])),
      quantity,
      address: networkHash(this.#seals.ring, SALE_ID, addressOf(subject)),
    };
    const { intakes } = this.#world.plan;
    const wasTold = this.#witness.knowsHold(sku, subject, idempotencyKey);
    const answer = await reserveUnits(
      this.#purchases,
      this.#gatewayCaller(),
      { sku, intakes },
      binding,
      command,
    );
    if (answer.ok && intakes > 0) this.#witness.covered.add("intake.reserved");
    this.#witness.purchased(sku, command, answer, wasTold);
    return answer;
  }

  async checkout(
    subject: string,
    orderId: string,
    idempotencyKey: string,
    how: Pick<CheckoutCommand, "paymentMethod" | "paymentToken">,
  ): Promise<{ ok: true; order: OrderRow } | Refusal> {
    const sku = this.#seals.openOrderId(orderId);
    if (sku === null) return refuse("not_found");
    const bodyHash = sha256Hex(JSON.stringify(how));
    const postalAddress = postalAddressHash(this.#seals.ring, sku, homeOf(subject));
    const command = { idempotencyKey, bodyHash, ...how, postalAddress };
    const wasTold = this.#witness.knowsCheckout(orderId, idempotencyKey);
    const env = {
      SKU: this.#world.skus(this.#caller),
      TOKEN_KEYS: this.#world.keys.textOf("purchase"),
    };
    const cards = this.#cardsOf(subject);
    const answer = await callObject(() =>
      checkoutOrder(env, cards, sku, orderId, subject, command),
    );
    this.#witness.checkedOut({ sku, orderId, shopper: subject, command }, answer, wasTold);
    return answer;
  }

  /** The provider knows the card behind every token; now and then it does not answer. */
  #cardsOf(subject: string): CardReader {
    return {
      fingerprint: () =>
        this.#cardDice.chance(CARD_UNKNOWN_SHARE)
          ? Promise.reject(new Error("no answer"))
          : Promise.resolve(cardOf(subject)),
    };
  }

  async cancel(subject: string, orderId: string): Promise<{ ok: true; order: OrderRow } | Refusal> {
    const sku = this.#seals.openOrderId(orderId);
    if (sku === null) return refuse("not_found");
    const answer = await callObject(() => this.#sku(sku).cancel(orderId, subject));
    if (answer.ok) this.#witness.orderSeen(answer.order);
    return answer;
  }

  async order(subject: string, orderId: string): Promise<{ ok: true; order: OrderRow } | Refusal> {
    const sku = this.#seals.openOrderId(orderId);
    if (sku === null) return refuse("not_found");
    const answer = await callObject(() => this.#sku(sku).order(orderId, subject));
    if (answer.ok) this.#witness.orderSeen(answer.order);
    return answer;
  }

  /** Puts the shopper on an item's waiting list, by the number of the ticket. */
  async joinWaitlist(
    subject: string,
    ticketToken: string,
    { sku, quantity }: { sku: string; quantity: number },
  ): Promise<WaitlistAnswer | Refusal> {
    const ticket = this.#openTicket(subject, ticketToken);
    if (!ticket) return refuse("ticket_invalid");
    const { shuffle } = ticket.number === null ? await this.#board() : { shuffle: null };
    const { number } = ticketByDraw(ticket, shuffle);
    if (number === null) return refuse("order_state_conflict");
    const command = {
      orderId: this.#seals.orderId(sku, this.#now(), this.#dice.bytes(ORDER_ID_RANDOM_BYTES)),
      shopper: subject,
      number,
      quantity,
      address: networkHash(this.#seals.ring, SALE_ID, addressOf(subject)),
    };
    const answer = await callObject(() => this.#sku(sku).joinWaitlist(command));
    this.#witness.listed(sku, subject, answer);
    return answer;
  }

  async waitlistPlace(subject: string, sku: string): Promise<WaitlistAnswer | Refusal> {
    const answer = await callObject(() => this.#sku(sku).waitlistPlace(subject));
    this.#witness.listed(sku, subject, answer);
    return answer;
  }

  async leaveWaitlist(subject: string, sku: string): Promise<{ ok: true } | Refusal> {
    const answer = await callObject(() => this.#sku(sku).leaveWaitlist(subject));
    if (answer.ok) this.#witness.covered.add("list.left");
    return answer;
  }

  #openTicket(subject: string, token: string): Ticket | null {
    const ticket = this.#seals.openTicket(token);
    return ticket?.binding === this.#seals.binding(SALE_ID, subject) ? ticket : null;
  }

  #seen(ticket: Ticket, view: View): QueueAnswer {
    this.#witness.placed(ticket, view);
    this.#seals.sealedPass(view.pass);
    return { ok: true, ticket: this.#seals.ticket(ticket), view };
  }

  async #board(): Promise<Board> {
    const board = await this.#boards.get(this.#gatewayCaller(), SALE_ID);
    if (!board) throw new Error("The line was never opened.");
    const current = boardAt(board, this.#now());
    if (current.shuffle) this.#witness.seedHashes.add(current.shuffle.seedHash);
    this.#witness.covered.add(`sale.${current.state}`);
    if (this.#now() - current.asOfMs > STALE_MS) this.#witness.covered.add("board.stale");
    return current;
  }

  /** By way of the feed and its cache where there is one. */
  #emptyBoards(): BoardCache {
    const read = (): Promise<Board | null> =>
      this.#feed?.board(SALE_ID) ?? this.#world.sequencers(this.#caller).getByName(SALE_ID).board();
    return new BoardCache({ now: () => this.#now() }, read);
  }

  #noPurchases(): Purchases {
    return gatherPurchases(this.#caller.runtime, this.#companyMs);
  }

  #noJoins(): Joins {
    const companyMs = this.#companyMs;
    return gatherJoins(this.#caller.runtime, companyMs === undefined ? undefined : () => companyMs);
  }

  #gatewayCaller(): GatewayCaller {
    const env = {
      SKU: this.#world.skus(this.#caller),
      SKU_INTAKE: this.#world.intakes(this.#caller),
      QUEUE_LANE: { getByName: (name: string) => this.#joinedLane(name) },
    };
    return {
      env: env as unknown as GatewayCaller["env"],
      waitUntil: (work) => void work.catch(() => {}),
    };
  }

  /** What a lane's joins go by; who come in one call are noted. */
  #joinedLane(name: string): Pick<DurableObjectStub<QueueLane>, "join" | "joinMany"> {
    const lane = this.#world.lanes(this.#caller).getByName(name);
    return {
      join: (...join) => lane.join(...join),
      joinMany: (joins) => {
        if (joins.length > 1) this.#witness.covered.add("join.gathered");
        return lane.joinMany(joins);
      },
    };
  }

  #lane(lane: number): DurableObjectStub<QueueLane> {
    return this.#world.lanes(this.#caller).getByName(laneName(SALE_ID, lane));
  }

  #sku(sku: string) {
    return this.#world.skus(this.#caller).getByName(sku);
  }

  #now(): number {
    return this.#world.kernel.nowMs(this.node);
  }
}
