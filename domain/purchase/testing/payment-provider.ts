import type { PaymentDue, PaymentOutcome } from "../payment.ts";

/** @throws when a promise is broken. */
export function must(condition: boolean, promise: string): void {
  if (!condition) throw new Error(`Broken: ${promise}`);
}

/** What the item asks of its provider. */
export type Message = Pick<PaymentDue, "attempt" | "step">;
/** How a provider takes a card. */
export type Accepts = "authorised" | "declined" | "action";
type Book = "authorised" | "declined" | "action" | "captured" | "voided" | "refunded";

/** The books of a provider that does each step of an attempt once, however often it is asked. */
export class Provider {
  readonly books = new Map<number, Book>();
  /** What it has to tell by notices: one for each change of its books. */
  readonly notices: { attempt: number; outcome: PaymentOutcome }[] = [];

  ask({ attempt, step }: Message, accepts: Accepts): PaymentOutcome {
    const booked = this.books.get(attempt);
    if (step === "authorise" && !booked) this.#book(attempt, accepts);
    if (step === "capture") {
      if (booked === "voided") return { kind: "refused", step, reason: "voided" };
      must(booked !== undefined && booked !== "declined", "what is captured is authorised");
      if (booked === "authorised") this.#book(attempt, "captured");
    }
    if (step === "void" && (!booked || booked === "authorised" || booked === "action"))
      this.#book(attempt, "voided");
    if (step === "refund") {
      must(booked === "captured" || booked === "refunded", "what is refunded is captured");
      this.#book(attempt, "refunded");
    }
    const outcome = this.#tell(attempt);
    const isLate = step === "authorise" && outcome.kind === "voided";
    return isLate ? { kind: "declined", reason: "voided" } : outcome;
  }

  /** The shopper acts, and a provider that captures at once does so. */
  ripen(attempt: number, isCaptured: boolean): void {
    const booked = this.books.get(attempt);
    if (booked === "action") this.#book(attempt, "authorised");
    if (isCaptured && this.books.get(attempt) === "authorised") this.#book(attempt, "captured");
  }

  /** What a person does at the provider's own pages. */
  putRight(attempt: number, isSold: boolean): void {
    const booked = this.books.get(attempt);
    // What the shopper may still confirm at the bank, or is still on its way there, is called off.
    if (booked === "action" || booked === undefined) this.#book(attempt, "voided");
    if (booked === "authorised") this.#book(attempt, isSold ? "captured" : "voided");
    if (booked === "captured" && !isSold) this.#book(attempt, "refunded");
  }

  /** Somebody gives the money back there, and tells nobody here. */
  giveBack(attempt: number): void {
    if (this.books.get(attempt) === "captured") this.#book(attempt, "refunded");
  }

  #book(attempt: number, book: Book): void {
    if (this.books.get(attempt) === book) return;
    this.books.set(attempt, book);
    this.notices.push({ attempt, outcome: this.#tell(attempt) });
  }

  #tell(attempt: number): PaymentOutcome {
    const booked = this.books.get(attempt);
    if (!booked) return { kind: "unknown" };
    if (booked === "declined") return { kind: booked, reason: "card_declined" };
    return booked === "action" ? { kind: booked, url: "https://bank.example" } : { kind: booked };
  }
}
