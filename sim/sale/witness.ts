import type { OrderRow } from "../../domain/purchase/ledger.ts";
import type { ReserveCommand } from "../../domain/purchase/stock.ts";
import type { Ticket } from "../../domain/token.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { View } from "../../workers/gateway/views/queue.ts";

/** A promise that was broken. */
export interface Violation {
  /** The invariant's name. */
  invariant: string;
  detail: string;
}

/** A hold that a shopper was told of. */
export interface ToldHold {
  sku: string;
  command: ReserveCommand;
  answer: ReserveAnswer;
}

/** Statuses that an order never leaves. */
const FINAL_STATUSES: ReadonlySet<OrderRow["status"]> = new Set([
  "CONFIRMED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
]);

/**
 * Remembers what was told to anybody outside, and holds it against everything told later. What is
 * here has left an object, so it has to be true for ever.
 */
export class Witness {
  readonly violations: Violation[] = [];
  /** Numbers told to each shopper's binding, oldest first. */
  readonly numbers = new Map<string, number[]>();
  readonly #bindings = new Map<number, string>();
  readonly #passes = new Map<number, string>();
  readonly departed = new Set<number>();
  /** By shopper, item and key. */
  readonly holds = new Map<string, ToldHold>();
  readonly checkouts: { sku: string; orderId: string; idempotencyKey: string }[] = [];
  readonly #orders = new Map<string, OrderRow>();
  readonly restocks: { sku: string; commandId: string; quantity: number }[] = [];
  /** Calls that shoppers and admins made. */
  operations = 0;
  /** Whether a place of this number may be replaced by another one. */
  readonly #isOver: (number: number) => boolean;

  constructor(isOver: (number: number) => boolean) {
    this.#isOver = isOver;
  }

  violate(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail });
  }

  /** A shopper was told a place, and perhaps its pass. */
  placed({ binding, number }: Ticket, { pass }: View): void {
    const owner = this.#bindings.get(number) ?? binding;
    this.#bindings.set(number, owner);
    if (owner !== binding) this.violate("number.unique", `${number} was told to two shoppers`);
    const numbers = this.numbers.get(binding) ?? [];
    this.numbers.set(binding, numbers);
    if (!numbers.includes(number)) {
      const standing = numbers.find((earlier) => !this.#isOver(earlier));
      if (standing !== undefined)
        this.violate(
          "number.stable",
          `${binding} had ${standing}, which stands, and got ${number}`,
        );
      numbers.push(number);
    }
    if (pass === undefined) return;
    const first = this.#passes.get(number) ?? pass;
    this.#passes.set(number, first);
    if (first !== pass) this.violate("pass.same_bytes", `number ${number} has two passes`);
  }

  left(number: number): void {
    this.departed.add(number);
  }

  /** A shopper was told of a hold. */
  reserved(sku: string, command: ReserveCommand, answer: ReserveAnswer): void {
    const { shopper, idempotencyKey, bodyHash } = command;
    const key = `${shopper}/${sku}/${idempotencyKey}`;
    const earlier = this.holds.get(key);
    if (!earlier) {
      this.holds.set(key, { sku, command, answer });
      return;
    }
    if (earlier.command.bodyHash !== bodyHash)
      this.violate("key.one_body", `${key} was accepted with two bodies`);
    else if (JSON.stringify(earlier.answer) !== JSON.stringify(answer))
      this.violate("key.same_bytes", `${key}: ${JSON.stringify([earlier.answer, answer])}`);
  }

  checkedOut(sku: string, orderId: string, idempotencyKey: string): void {
    this.checkouts.push({ sku, orderId, idempotencyKey });
  }

  /** Somebody saw an order: it never goes back, and a final one never changes. */
  orderSeen(order: OrderRow): void {
    const earlier = this.#orders.get(order.orderId);
    if (earlier && earlier.version === order.version && earlier.status !== order.status) {
      // Judged by the clock before it was written: the writer will say the same.
      if (earlier.status !== "RESERVED" && earlier.status !== "PAYMENT_PENDING")
        this.violate("order.one_status", JSON.stringify([earlier, order]));
    }
    if (earlier && FINAL_STATUSES.has(earlier.status) && order.version > earlier.version)
      if (order.status !== earlier.status)
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
