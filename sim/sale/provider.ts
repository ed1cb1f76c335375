import type { Charge } from "../../domain/books/reconcile-rows.ts";
import type { PaymentOutcome, PaymentStep } from "../../domain/purchase/payment.ts";
import {
  splitKey,
  type PaymentProvider,
  type PaymentRequest,
  type ProviderBooks,
} from "../../workers/purchase/providers/provider.ts";
import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { connectionLost, type Caller, type Network } from "../platform/network.ts";

const CURRENCY = "EUR";

/** While the provider is down it answers nobody for this long: a payment may take 90 s. */
const DOWN_MIN_US = 30_000_000;
const DOWN_MAX_US = 150_000_000;
/** An authorisation that comes late takes up to this long, in which nothing is said of it: half are given up by then. */
const LATE_MAX_US = 180_000_000;
/** Of those so many are captured at once, without being asked to. */
const CAPTURED_SHARE = 0.5;
/** A shopper who has to act at the provider does so within this time. */
const ACTS_MAX_US = 120_000_000;

export type BookState = "declined" | "action" | "authorised" | "captured" | "voided" | "refunded";

/** Of those who have to act so many never do. */
const ABANDONED_SHARE = 0.2;

/** Hears of what the provider has booked; done when its notice has come, or will not come. */
export type Telling = (idempotencyKey: string, book: Book) => Promise<void>;

/** What the provider knows of one attempt. */
export interface Book {
  state: BookState;
  amount: number;
  /** Somebody gave the money back there: only the notice tells of it, so it is told until it is heard. */
  isByHand?: true;
  /** What was done, in order. */
  bookings: Charge["bookings"][number][];
}

/** What is booked when an attempt comes into a state; nothing for the others. */
const BOOKED: Readonly<Partial<Record<BookState, string>>> = {
  authorised: "charge",
  captured: "capture",
  voided: "void",
  refunded: "refund",
};

/**
 * A payment provider behind the network. Every call has its effect once, by its key; what it did may
 * stay unknown to the caller, and an authorisation may come long after it was asked for. Nothing that was
 * captured can be voided, and nothing voided captured.
 */
export class SimulatedProvider {
  /** What became of each attempt, by idempotency key. */
  readonly books = new Map<string, Book>();
  /** Who is told of every change of the books; nobody, unless the sale has notices. */
  telling: Telling = async () => {};
  /** Notices that are on their way. */
  noticesUnderWay = 0;
  /** Hears the names of what was exercised. */
  cover: (name: string) => void = () => {};
  /** The notice of each attempt that was sent last. */
  readonly #told = new Map<string, Promise<void>>();
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #bankDice: Dice;
  /** Attempts that it is still at work on: it says nothing of them. */
  readonly #actingLate = new Set<string>();
  #downUntilUs = 0;

  constructor(kernel: Kernel, network: Network) {
    this.#kernel = kernel;
    this.#network = network;
    this.#dice = kernel.dice.fork("provider");
    this.#bankDice = kernel.dice.fork("bank");
  }

  /** The provider as one consumer reaches it. */
  bind(caller: Caller): PaymentProvider {
    const call = (step: PaymentStep, act: (request: PaymentRequest) => PaymentOutcome) => {
      return (request: PaymentRequest) => this.#ask(caller, step, request, act);
    };
    return {
      authorise: call("authorise", (request) => this.#authorise(request)),
      enquire: call("enquire", (request) => this.#tell(request)),
      capture: call("capture", (request) => this.#capture(request)),
      void: call("void", (request) => this.#void(request)),
      refund: call("refund", (request) => this.#refund(request)),
    };
  }

  /** The books as a reconciliation reads them. */
  audit(): ProviderBooks {
    const charges = (sku: string, fromOrderId: string, limit: number): Charge[] =>
      [...this.books]
        .map(([key, { state, amount, bookings }]): Charge => {
          const { orderId, attempt } = splitKey(key);
          return { orderId, attempt, amount, currency: CURRENCY, state, bookings };
        })
        .filter(({ orderId }) => orderId.startsWith(`${sku}.`) && orderId >= fromOrderId)
        .sort((a, b) => compare(a.orderId, b.orderId) || a.attempt - b.attempt)
        .slice(0, limit);
    return { table: "provider", charges: async (...asked) => charges(...asked) };
  }

  /** A person at the provider's own pages does by hand what the order is waiting for. */
  putRight(idempotencyKey: string, isSold: boolean, amount: number): void {
    const book = this.books.get(idempotencyKey);
    const { state } = book ?? {};
    // Nobody has heard of it, and nobody is told.
    if (!state) this.#enter(idempotencyKey, "voided", amount);
    else if (state === "action") this.#book(idempotencyKey, "voided");
    else if (state === "authorised") this.#book(idempotencyKey, isSold ? "captured" : "voided");
    else if (state === "captured" && !isSold) this.#book(idempotencyKey, "refunded");
  }

  /** A person gives the money of a captured attempt back there, and tells nobody here; whether there was any. */
  giveBack(idempotencyKey: string): boolean {
    const book = this.books.get(idempotencyKey);
    if (book?.state !== "captured") return false;
    book.isByHand = true;
    this.#book(idempotencyKey, "refunded");
    return true;
  }

  /** Enters what became of an attempt, and tells of it. */
  #book(idempotencyKey: string, state: BookState, amount = 0): void {
    const book = this.#enter(idempotencyKey, state, amount);
    this.#told.set(idempotencyKey, this.telling(idempotencyKey, { ...book }));
  }

  #enter(idempotencyKey: string, state: BookState, amount: number): Book {
    const book = this.books.get(idempotencyKey) ?? { state, amount, bookings: [] };
    book.state = state;
    this.books.set(idempotencyKey, book);
    const kind = BOOKED[state];
    const atMs = Math.floor(this.#kernel.scheduler.nowUs / 1000);
    if (kind !== undefined)
      book.bookings.push({ kind, amount: book.amount, currency: CURRENCY, atMs });
    return book;
  }

  /** An adapter says `unknown` where the call itself failed: the provider may have acted. */
  async #ask(
    caller: Caller,
    step: PaymentStep,
    request: PaymentRequest,
    act: (request: PaymentRequest) => PaymentOutcome,
  ): Promise<PaymentOutcome> {
    try {
      const answer = await this.#network.exchange(caller, "provider", "provider", (reply) => {
        const { faults } = this.#kernel;
        const lost = (): void => {
          reply({ ok: false, error: connectionLost() });
        };
        if (this.#isDown() || this.#actingLate.has(request.idempotencyKey)) return lost();
        if (isMoving(step) && faults.happens("provider.refused"))
          return reply({ ok: true, value: { kind: "refused", step, reason: "simulated" } });
        if (step === "authorise" && faults.happens("provider.late")) {
          this.#actLate(request);
          return lost();
        }
        if (!faults.happens("provider.unknown")) {
          const answered = { ok: true, value: act(request) } as const;
          const told = this.#told.get(request.idempotencyKey);
          if (!told || !faults.happens("notice.first")) return reply(answered);
          void told.then(() => reply(answered));
          return;
        }
        if (this.#dice.chance(0.5)) act(request);
        lost();
      });
      return answer as PaymentOutcome;
    } catch {
      return { kind: "unknown" };
    }
  }

  #isDown(): boolean {
    const { scheduler, faults } = this.#kernel;
    if (scheduler.nowUs >= this.#downUntilUs && faults.happens("provider.down"))
      this.#downUntilUs = scheduler.nowUs + this.#dice.int(DOWN_MIN_US, DOWN_MAX_US);
    return scheduler.nowUs < this.#downUntilUs;
  }

  #later(maxUs: number, act: () => void): void {
    void this.#kernel.scheduler.sleep(this.#dice.int(0, maxUs)).then(act);
  }

  #actLate(request: PaymentRequest): void {
    const capturesToo = this.#dice.chance(CAPTURED_SHARE);
    this.#actingLate.add(request.idempotencyKey);
    this.#later(LATE_MAX_US, () => {
      this.#actingLate.delete(request.idempotencyKey);
      const { kind } = this.#authorise(request);
      if (kind === "authorised" && capturesToo) this.#capture(request);
    });
  }

  #authorise(request: PaymentRequest): PaymentOutcome {
    const { idempotencyKey, token, amount } = request;
    if (!this.books.has(idempotencyKey)) {
      this.#book(idempotencyKey, firstState(request), amount);
      if (token === "tok_action") this.#act(idempotencyKey);
    }
    const told = this.#tell(request);
    return told.kind === "voided" ? { kind: "declined", reason: "voided" } : told;
  }

  /** The shopper confirms the payment at the bank, or says no, or never; or it is given up before that. */
  #act(idempotencyKey: string): void {
    const state = this.#dice.chance(0.7) ? "authorised" : "declined";
    const isAbandoned = this.#bankDice.chance(ABANDONED_SHARE);
    this.#later(ACTS_MAX_US, () => {
      const isOpen = this.books.get(idempotencyKey)?.state === "action";
      if (isOpen && !isAbandoned) this.#book(idempotencyKey, state);
      this.cover(`bank.${isAbandoned ? "abandoned" : isOpen ? state : "too_late"}`);
    });
  }

  #tell({ idempotencyKey }: PaymentRequest): PaymentOutcome {
    const state = this.books.get(idempotencyKey)?.state;
    if (state === undefined) return { kind: "unknown" };
    if (state === "declined") return { kind: state, reason: state };
    return state === "action" ? { kind: state, url: "https://bank.example" } : { kind: state };
  }

  #capture(request: PaymentRequest): PaymentOutcome {
    const book = this.books.get(request.idempotencyKey);
    if (book?.state === "authorised") this.#book(request.idempotencyKey, "captured");
    // A capture that was overtaken by a refund comes too late.
    if (book?.state === "voided") return { kind: "refused", step: "capture", reason: "voided" };
    if (book?.state !== "captured" && book?.state !== "refunded")
      throw new Error(`A capture of ${request.idempotencyKey}, which is ${book?.state}.`);
    return this.#tell(request);
  }

  #void(request: PaymentRequest): PaymentOutcome {
    const { idempotencyKey, amount } = request;
    const book = this.books.get(idempotencyKey);
    if (!book) this.#book(idempotencyKey, "voided", amount);
    else if (book.state === "authorised" || book.state === "action")
      this.#book(idempotencyKey, "voided");
    return this.#tell(request);
  }

  #refund(request: PaymentRequest): PaymentOutcome {
    const book = this.books.get(request.idempotencyKey);
    if (book?.state === "captured") this.#book(request.idempotencyKey, "refunded");
    if (book?.state !== "refunded")
      throw new Error(`A refund of ${request.idempotencyKey}, which is ${book?.state}.`);
    return this.#tell(request);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isMoving(step: PaymentStep): boolean {
  return step === "capture" || step === "void" || step === "refund";
}

function firstState({ token, idempotencyKey }: PaymentRequest): BookState {
  if (token === "tok_action") return "action";
  const isFirst = idempotencyKey.endsWith(":1");
  const isDeclined = token === "tok_decline" || (token === "tok_declined_once" && isFirst);
  return isDeclined ? "declined" : "authorised";
}
