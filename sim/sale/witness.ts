import type { Receipt } from "../../domain/log/receipt.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import type { SaleCommand, SaleControl } from "../../domain/purchase/sale.ts";
import type { CheckoutCommand, ReserveCommand } from "../../domain/purchase/stock.ts";
import { indexOf } from "../../domain/queue/shuffle.ts";
import type { Ticket } from "../../domain/token.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { WaitlistAnswer } from "../../durable-objects/sku-waitlist.ts";
import type { View } from "../../workers/gateway/views/queue.ts";

/** A promise that was broken. */
export interface Violation {
  /** The invariant's name. */
  invariant: string;
  detail: string;
}

/** When a sale starts and ends. */
export type SaleTimes = Pick<SaleControl, "startsAtMs" | "endsAtMs">;

/** A hold that a shopper was told of. */
export interface ToldHold {
  sku: string;
  command: ReserveCommand;
  answer: ReserveAnswer;
}

/** A checkout that a shopper was told of. */
export interface ToldCheckout {
  sku: string;
  orderId: string;
  shopper: string;
  command: CheckoutCommand;
}

/** Statuses that an order leaves by an admin's refund alone, or never. */
const FINAL_STATUSES: ReadonlyMap<OrderRow["status"], readonly OrderRow["status"][]> = new Map([
  ["CONFIRMED", ["REFUNDED", "CANCELLED"]],
  ["EXPIRED", []],
  ["PAYMENT_FAILED", []],
  ["CANCELLED", []],
  ["REFUNDED", []],
]);

/**
 * Remembers what was told to anybody outside, and holds it against everything told later. What is
 * here has left an object, so it has to be true for ever.
 */
export class Witness {
  readonly violations: Violation[] = [];
  /** Numbers (of early entrants: indexes) told to each shopper's binding, oldest first. */
  readonly indexes = new Map<string, number[]>();
  /** The number that was told for an index: the same one, unless it was drawn. */
  readonly numberOf = new Map<number, number>();
  /** What was told as proof of a join, by binding and number (or early index). */
  readonly receipts = new Map<string, Receipt>();
  /** Checkpoints that were told to somebody who follows the log. */
  readonly checkpoints: string[] = [];
  /** Hashes of the seed that were promised: one at most. */
  readonly seedHashes = new Set<string>();
  /** The public value that an admin was told is taken. */
  publicValue: string | null = null;
  readonly #bindings = new Map<number, string>();
  readonly #indexOf = new Map<number, number>();
  /** Passes by number and the end they tell of; ends by number. */
  readonly #passes = new Map<string, Map<string, string>>();
  readonly #ends = new Map<number, Set<string>>();
  readonly #renewing = new Set<number>();
  readonly #leaving = new Set<number>();
  readonly departed = new Set<number>();
  /** By shopper, item and key. */
  readonly holds = new Map<string, ToldHold>();
  readonly checkouts = new Map<string, ToldCheckout>();
  readonly #orders = new Map<string, OrderRow>();
  /** Offers that a shopper was told of, by order id. */
  readonly offers = new Map<string, { sku: string; shopper: string; quantity: number }>();
  /** What was exercised: states seen, ends reached. */
  readonly covered = new Set<string>();
  readonly restocks: { sku: string; commandId: string; quantity: number }[] = [];
  /** Whether an admin was told that the sale is paused or ended, and has not asked for more since. */
  isStopped = false;
  /** Start and end as an admin was told them; `null` from a command that may move them to its answer. */
  times: SaleTimes | null = null;
  /** Commands to the sale until now, and those that are under way. */
  #commands = 0;
  #commandsUnderWay = 0;
  /** What staff was told that the sale is called, and what its product costs now; `null` while that is not known. */
  name: string | null = null;
  price: number | null = null;
  /** Numbers of which an admin was told that their place was taken back. */
  readonly revoked = new Set<number>();
  /** Orders of which an admin was told that their money goes back. */
  readonly refunds = new Set<string>();
  /** Shoppers who asked to be told of the start, and those who heard that they will be. */
  readonly remindersAsked = new Set<string>();
  readonly reminders = new Set<string>();
  /** Calls that shoppers and admins made. */
  operations = 0;
  /** Whether a place of this index may be replaced by another one. */
  readonly #isOver: (index: number) => boolean;
  /** The number of an index by the writer's tables. */
  readonly #numberIn: (index: number) => number | null;

  constructor(isOver: (index: number) => boolean, numberIn: (index: number) => number | null) {
    this.#numberIn = numberIn;
    this.#isOver = isOver;
  }

  violate(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail });
  }

  /**
   * An admin commands or changes the sale. From the answer to what stops it until the next command is sent nobody
   * may buy, nor outside the times that were told; where two are under way at once nobody knows which was the last.
   */
  async commanding(
    command: SaleCommand | "change",
    ask: () => Promise<{ ok: true; sale: { control: SaleControl } } | Refusal>,
  ): Promise<void> {
    const isStart = command === "start" || command === "resume";
    if (isStart) this.isStopped = false;
    this.times = null;
    const mine = ++this.#commands;
    this.#commandsUnderWay += 1;
    const wasAlone = this.#commandsUnderWay === 1;
    const answer = await ask();
    this.#commandsUnderWay -= 1;
    if (!answer.ok || !wasAlone || mine !== this.#commands) return;
    this.times = answer.sale.control;
    if (command === "pause" || command === "end") this.isStopped = true;
  }

  /** A shopper was told a place, and perhaps its pass. */
  placed(ticket: Ticket, { pass, passExpiresAt = "", state, drawsAt }: View): void {
    this.covered.add(`place.${state}`);
    if (drawsAt !== undefined) this.covered.add("place.undrawn");
    const { binding, number } = ticket;
    const index = indexOf(ticket);
    const owner = this.#bindings.get(index) ?? binding;
    this.#bindings.set(index, owner);
    if (owner !== binding) this.violate("number.unique", `${index} was told to two shoppers`);
    const indexes = this.indexes.get(binding) ?? [];
    this.indexes.set(binding, indexes);
    if (!indexes.includes(index)) {
      const standing = indexes.find(
        (earlier) => !this.#leaving.has(earlier) && !this.#isOver(earlier),
      );
      if (standing !== undefined)
        this.violate("number.stable", `${binding} had ${standing}, which stands, and got ${index}`);
      indexes.push(index);
    }
    if (number !== null) this.#numbered(index, number);
    if (pass === undefined || number === null) return;
    const key = `${number} ${passExpiresAt}`;
    // Another key seals other bytes; by each there is one pass.
    const [, kid = ""] = pass.split(".");
    const byKey = this.#passes.get(key) ?? new Map<string, string>();
    const first = byKey.get(kid) ?? pass;
    this.#passes.set(key, byKey.set(kid, first));
    const ends = this.#ends.get(number) ?? new Set();
    this.#ends.set(number, ends.add(passExpiresAt));
    if (ends.size > 1) this.covered.add("pass.renewed");
    if (first !== pass || (ends.size > 1 && !this.#renewing.has(number)))
      this.violate("pass.same_bytes", `number ${number} has two passes`);
  }

  /** A shopper was told the proof of a place: always the same one. */
  receipted(binding: string, index: number, receipt: Receipt): void {
    this.covered.add("place.receipt");
    const key = `${binding} ${index}`;
    const first = this.receipts.get(key) ?? receipt;
    this.receipts.set(key, first);
    if (JSON.stringify(first) !== JSON.stringify(receipt))
      this.violate("log.receipts", `${index} has two: ${JSON.stringify([first, receipt])}`);
  }

  /** Passes that were told: a number and an end each. */
  get passes(): Iterable<string> {
    return this.#passes.keys();
  }

  /** A shopper asks for more time: from here on the pass may be another one. */
  renewing(number: number): void {
    this.#renewing.add(number);
  }

  #numbered(index: number, number: number): void {
    const told = this.numberOf.get(index) ?? number;
    const owner = this.#indexOf.get(number) ?? index;
    this.numberOf.set(index, told);
    this.#indexOf.set(number, owner);
    const drawn = this.#numberIn(index);
    if (drawn !== number)
      this.violate("shuffle.place", `${index} was told ${number}, not ${drawn}`);
    if (told !== number) this.violate("number.stable", `${index} was told ${told} and ${number}`);
    if (owner !== index) this.violate("number.unique", `${number} is of ${owner} and ${index}`);
  }

  /** A shopper asks to leave: from here on the place may be gone. */
  leaving(index: number): void {
    this.#leaving.add(index);
  }

  /** A shopper was told that the place is given up. */
  left(index: number): void {
    this.departed.add(index);
  }

  /** Whether a shopper was told of a hold by this key already. */
  knowsHold(sku: string, shopper: string, idempotencyKey: string): boolean {
    return this.holds.has(holdKey(sku, shopper, idempotencyKey));
  }

  /**
   * A shopper was told what became of a purchase.
   * @param wasTold whether they knew of the hold when they asked: a refusal that was under way
   * before is merely late.
   */
  purchased(
    sku: string,
    command: ReserveCommand,
    answer: ReserveAnswer | Refusal,
    wasTold: boolean,
  ): void {
    const { idempotencyKey, bodyHash, shopper } = command;
    const key = holdKey(sku, shopper, idempotencyKey);
    const earlier = this.holds.get(key);
    if (!answer.ok) {
      this.covered.add(`refused.${answer.code}`);
      if (answer.scope) this.covered.add(`refused.${answer.code}.${answer.scope}`);
      if (wasTold && earlier?.command.bodyHash === bodyHash && answer.code !== "busy")
        this.violate("key.same_bytes", `${key} was accepted, then refused: ${answer.code}`);
    } else if (!earlier) {
      this.holds.set(key, { sku, command, answer });
    } else if (earlier.command.bodyHash !== bodyHash)
      this.violate("key.one_body", `${key} was accepted with two bodies`);
    else if (JSON.stringify(earlier.answer) !== JSON.stringify(answer))
      this.violate("key.same_bytes", `${key}: ${JSON.stringify([earlier.answer, answer])}`);
  }

  /** A shopper was told how they stand on an item's waiting list. */
  listed(sku: string, shopper: string, answer: WaitlistAnswer | Refusal): void {
    if (!answer.ok) {
      this.covered.add(`list.refused.${answer.code}`);
      return;
    }
    const { state, orderId, quantity } = answer.place;
    this.covered.add(`list.${state}`);
    if (orderId === null) return;
    const offer = this.offers.get(orderId) ?? { sku, shopper, quantity };
    this.offers.set(orderId, offer);
    if (offer.shopper !== shopper || offer.quantity !== quantity || offer.sku !== sku)
      this.violate(
        "list.same_offer",
        `${orderId} is ${JSON.stringify([offer, shopper, quantity])}`,
      );
  }

  /** Whether a shopper was told that this checkout was accepted. */
  knowsCheckout(orderId: string, idempotencyKey: string): boolean {
    return this.checkouts.has(`${orderId} ${idempotencyKey}`);
  }

  /** A shopper was told what became of a checkout. */
  checkedOut(checkout: ToldCheckout, answer: { ok: true } | Refusal, wasTold: boolean): void {
    const key = `${checkout.orderId} ${checkout.command.idempotencyKey}`;
    if (answer.ok) this.checkouts.set(key, checkout);
    else if (wasTold && answer.code !== "busy")
      this.violate("key.same_bytes", `${key} was accepted, then refused: ${answer.code}`);
  }

  /** Somebody saw an order: it never goes back, and a final one never changes. */
  orderSeen(order: OrderRow): void {
    const earlier = this.#orders.get(order.orderId);
    if (earlier && earlier.version === order.version && earlier.status !== order.status) {
      // Judged by the clock before it was written: the writer will say the same.
      if (earlier.status !== "RESERVED" && earlier.status !== "PAYMENT_PENDING")
        this.violate("order.one_status", JSON.stringify([earlier, order]));
    }
    const mayBecome = earlier && FINAL_STATUSES.get(earlier.status);
    if (mayBecome && order.version > earlier.version && order.status !== earlier.status)
      if (!mayBecome.includes(order.status))
        this.violate("order.final", JSON.stringify([earlier, order]));
    if (!earlier || order.version >= earlier.version) this.#orders.set(order.orderId, order);
  }

  /** The newest status that anybody was told of an order. */
  get orders(): ReadonlyMap<string, OrderRow> {
    return this.#orders;
  }

  restocked(sku: string, commandId: string, quantity: number): void {
    this.restocks.push({ sku, commandId, quantity });
  }
}

function holdKey(sku: string, shopper: string, idempotencyKey: string): string {
  return `${shopper}/${sku}/${idempotencyKey}`;
}
