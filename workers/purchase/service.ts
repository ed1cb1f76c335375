import { WorkerEntrypoint } from "cloudflare:workers";
import type { UnitCount } from "../../domain/fairness/units.ts";
import type { CataloguedSale, NewSale, Product, ProductChanges } from "../../domain/catalogue.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import type { LedgerEvent, OrderRow } from "../../domain/purchase/ledger.ts";
import type { By } from "../../domain/purchase/refund.ts";
import type { SaleCommand, StockLevel } from "../../domain/purchase/sale.ts";
import type { SaleChanges } from "../../domain/purchase/sale-changes.ts";
import type { Actor, Origin } from "../../domain/books/actor.ts";
import type { CheckoutCommand } from "../../domain/purchase/stock.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import * as catalogue from "./catalogue.ts";
import { checkoutOrder } from "./checkout.ts";
import * as contacts from "./messages/contacts.ts";
import * as messages from "./messages/reading.ts";
import * as reminders from "./messages/reminders.ts";
import * as orders from "./orders.ts";
import { readPage } from "./database.ts";
import type { Page } from "./page.ts";
import { cardReaderOf, providerName, sandboxOf, webhookReaderOf } from "./providers/index.ts";
import type { Webhook } from "./providers/provider.ts";
import type { BankAnswer, BankView } from "./providers/sandbox-bank.ts";
import { listSandboxPayments, type SandboxPayment } from "./providers/sandbox-books.ts";
import { BreakerCache } from "./providers/breaker.ts";
import * as sales from "./sales.ts";
import { summarise, type SaleSummary } from "./summary.ts";
import { unitsPerShopper } from "./shopper-units.ts";
import { receiveWebhook } from "./webhooks.ts";

const breakers = new BreakerCache(systemRuntime);

/** What the gateway asks of the purchase Worker. Expected refusals are values, never exceptions. */
export class PurchaseService extends WorkerEntrypoint<PurchaseEnv> {
  /** Creates a product, or returns the one of this id unchanged. */
  createProduct(product: Product, by?: Actor): Promise<{ ok: true; product: Product } | Refusal> {
    return catalogue.createProduct(this.env, product, by);
  }

  /** Changes a product; sales that exist stay as they were made. */
  changeProduct(
    productId: string,
    changes: ProductChanges,
    by?: Actor,
  ): Promise<{ ok: true; product: Product } | Refusal> {
    return catalogue.changeProduct(this.env, productId, changes, by);
  }

  products(cursor: string | null, limit: number): Promise<Page<Product>> {
    return catalogue.listProducts(this.env, cursor, limit);
  }

  product(productId: string): Promise<Product | null> {
    return catalogue.findProduct(this.env, productId);
  }

  /** Creates a sale everywhere, or finishes or returns the one of this id. */
  createSale(sale: NewSale, by?: Actor): Promise<{ ok: true; sale: CataloguedSale } | Refusal> {
    return sales.createSale(this.env, sale, by);
  }

  /** Every sale that is listed, newest start first, at most 100. */
  sales(): Promise<CataloguedSale[]> {
    return sales.listSales(this.env);
  }

  /** One sale; `null` when it does not exist or is not listed yet. */
  sale(saleId: string): Promise<CataloguedSale | null> {
    return sales.findSale(this.env, saleId);
  }

  /** Starts, pauses, resumes or ends a sale. */
  commandSale(
    saleId: string,
    command: SaleCommand,
    by?: Actor,
  ): Promise<{ ok: true; sale: CataloguedSale } | Refusal> {
    return sales.commandSale(this.env, saleId, command, by);
  }

  /** Renames a sale, moves its start or end, or schedules a draft. */
  changeSale(
    saleId: string,
    changes: SaleChanges,
    by: Actor,
  ): Promise<{ ok: true; sale: CataloguedSale } | Refusal> {
    return sales.changeSale(this.env, saleId, changes, by);
  }

  /** Takes a place in line, or the pass of it, back. */
  revokePlace(
    saleId: string,
    number: number,
    by: Actor,
  ): Promise<{ ok: true; sale: CataloguedSale } | Refusal> {
    return sales.revokePlace(this.env, saleId, number, by);
  }

  /** Adds or withdraws stock, once for each command id. */
  restock(
    sku: string,
    quantity: number,
    reason: string,
    commandId: string,
    by?: Actor,
  ): Promise<{ ok: true; level: StockLevel } | Refusal> {
    return this.env.SKU.getByName(sku).restock(quantity, reason, commandId, by);
  }

  /** The ledger of an item after `sequence`. */
  ledger(sku: string, sequence: number): Promise<LedgerEvent[]> {
    return this.env.SKU.getByName(sku).ledger(sequence);
  }

  /** The figures of a sale; `null` when it does not exist. */
  summary(saleId: string): Promise<SaleSummary | null> {
    return summarise(this.env, saleId);
  }

  /** How many shoppers of a sale have bought how many units. */
  unitsPerShopper(saleId: string): Promise<UnitCount[]> {
    return unitsPerShopper(this.env, saleId);
  }

  /** The shopper's order: from the projection once it is final, from its writer before. */
  order(sku: string, orderId: string, shopper: string): Promise<orders.FoundOrder | null> {
    return orders.findOrder(this.env, sku, orderId, shopper);
  }

  /** Starts a payment, unless its provider answers nobody for longer than the order is held. */
  async checkout(
    sku: string,
    orderId: string,
    shopper: string,
    command: CheckoutCommand,
  ): Promise<{ ok: true; order: OrderRow } | Refusal> {
    const cards = cardReaderOf(this.env, systemRuntime);
    const sent = { ...command };
    if (command.paymentMethod !== "cod") {
      const opensAtMs = await breakers.opensAtMs(this.env, systemRuntime, (work) => {
        this.ctx.waitUntil(work);
      });
      if (opensAtMs !== null) sent.providerOpensAtMs = opensAtMs;
    }
    return checkoutOrder(this.env, cards, sku, orderId, shopper, sent);
  }

  cancel(
    sku: string,
    orderId: string,
    shopper: string,
    from?: Origin,
  ): Promise<{ ok: true; order: OrderRow } | Refusal> {
    return this.env.SKU.getByName(sku).cancel(orderId, shopper, from);
  }

  /** Refunds an order, or acts on a payment of it that needs attention; a repeat changes nothing. */
  actOnPayment(
    sku: string,
    orderId: string,
    command: "refund" | "retryPayment" | "resolvePayment",
    by: By,
  ): Promise<{ ok: true; order: OrderRow } | Refusal> {
    return this.env.SKU.getByName(sku)[command](orderId, by);
  }

  /**
   * Takes a provider's webhook as it came, verifies it and has it written. The name `default` is the
   * provider in use.
   */
  async webhook(provider: string, webhook: Webhook): Promise<{ ok: true } | Refusal> {
    const reader = webhookReaderOf(provider, this.env);
    if (!reader) return refuse("not_found", { detail: `No webhooks of "${provider}" are taken.` });
    return receiveWebhook(this.env, reader, webhook, systemRuntime.now());
  }

  /** What the sandbox's bank shows of a payment; with an answer, after the shopper has given it. */
  async bank(
    challenge: string,
    answer: BankAnswer | null,
  ): Promise<{ ok: true; view: BankView } | Refusal> {
    if (providerName(this.env) !== "sandbox") return refuse("not_found");
    const sandbox = sandboxOf(this.env, systemRuntime, (work) => this.ctx.waitUntil(work));
    const view = await (answer === null
      ? sandbox.challenged(challenge)
      : sandbox.answer(challenge, answer));
    return view ? { ok: true, view } : refuse("not_found");
  }

  /** Orders whose payments need a person, newest first, from the projection alone. */
  attention(
    saleId: string | null,
    cursor: string | null,
    limit: number,
    bookmark?: string | null,
  ): Promise<Page<OrderRow>> {
    return readPage(this.env, bookmark, (env) =>
      orders.ordersForAttention(env, saleId, cursor, limit),
    );
  }

  /** What the sandbox has on its own books of an item; `null` where another provider takes the money. */
  async sandboxPayments(
    sku: string,
    cursor: string | null,
    limit: number,
  ): Promise<Page<SandboxPayment> | null> {
    if (providerName(this.env) !== "sandbox") return null;
    return listSandboxPayments(this.env, sku, cursor, limit);
  }

  /** The shopper's orders, newest first, from the projection. */
  ordersOf(
    shopper: string,
    cursor: string | null,
    limit: number,
    bookmark?: string | null,
  ): Promise<Page<OrderRow>> {
    return readPage(this.env, bookmark, (env) => orders.ordersOf(env, shopper, cursor, limit));
  }

  /** All orders, newest first, from the projection alone: no object is asked. */
  allOrders(
    filter: orders.OrderFilter,
    cursor: string | null,
    limit: number,
    bookmark?: string | null,
  ): Promise<Page<OrderRow>> {
    return readPage(this.env, bookmark, (env) => orders.allOrders(env, filter, cursor, limit));
  }

  /** What a shopper was told, newest first: all of it, or about one order. */
  notificationsOf(
    shopper: string,
    orderId: string | null,
    cursor: string | null,
    limit: number,
    bookmark?: string | null,
  ): Promise<Page<messages.Notification>> {
    return readPage(this.env, bookmark, (env) =>
      messages.notificationsOf(env, shopper, orderId, cursor, limit),
    );
  }

  /** What all shoppers were to be told and what became of it, the latest first. */
  allMessages(
    filter: messages.MessageFilter,
    cursor: string | null,
    limit: number,
    bookmark?: string | null,
  ): Promise<Page<messages.MessageRow>> {
    return readPage(this.env, bookmark, (env) => messages.allMessages(env, filter, cursor, limit));
  }

  /** Where a shopper asked to be written to; `null` when nowhere. */
  contact(shopper: string): Promise<string | null> {
    return contacts.contactOf(this.env, shopper);
  }

  setContact(shopper: string, email: string): Promise<void> {
    return contacts.setContact(this.env, shopper, email, systemRuntime.now());
  }

  removeContact(shopper: string): Promise<void> {
    return contacts.removeContact(this.env, shopper);
  }

  /** Notes that a shopper is to be told when the sale starts. */
  remind(saleId: string, shopper: string): Promise<{ ok: true; isNew: boolean } | Refusal> {
    return reminders.remind(this.env, saleId, shopper, systemRuntime.now());
  }

  forgetReminder(saleId: string, shopper: string): Promise<void> {
    return reminders.forgetReminder(this.env, saleId, shopper);
  }

  /** Whether every binding answers. */
  async ready(): Promise<boolean> {
    return catalogue.databaseAnswers(this.env);
  }
}
