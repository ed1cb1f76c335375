import { type Answer, problemOf, UnexpectedAnswer } from "./calls.ts";
import { type Guard, parseBody, type QueueView } from "./contract.ts";
import type { CallKind } from "./meter.ts";

/** The join of a sale that is over may be refused by these; a view then says `closed`. */
const CLOSED_REASON_OF: Record<string, "sold_out" | "ended"> = {
  sold_out: "sold_out",
  sale_ended: "ended",
};

/** What was said instead of a yes; `refused` is the contract's code. */
export interface Refusal {
  refused: string;
  /** Of `sold_out`: the item's waiting list takes people. */
  waitlist?: boolean;
}

/** The body of an answer with one of these statuses. Throws `UnexpectedAnswer` for any other. */
export function expectBody<T extends object>(
  kind: CallKind,
  answer: Answer,
  statuses: readonly number[],
  guard: Guard<T>,
): T {
  const body = statuses.includes(answer.status) ? parseBody(answer.text, guard) : null;
  if (body === null) throw new UnexpectedAnswer(kind, answer);
  return body;
}

/** The refusal in an answer with one of these statuses. Throws `UnexpectedAnswer` for any other. */
export function refusalOf(kind: CallKind, answer: Answer, statuses: readonly number[]): Refusal {
  const { code, waitlist } = statuses.includes(answer.status) ? problemOf(answer) : {};
  if (code === undefined) throw new UnexpectedAnswer(kind, answer);
  return waitlist === undefined ? { refused: code } : { refused: code, waitlist };
}

/** What the refusal of a join says about the line. Throws `UnexpectedAnswer` unless the sale is over. */
export function closedView(kind: CallKind, answer: Answer): QueueView {
  const reason = CLOSED_REASON_OF[problemOf(answer).code ?? ""];
  if (reason === undefined) throw new UnexpectedAnswer(kind, answer);
  return { state: "closed", reason, number: null, ahead: null, pollAfterMs: 0, nowServing: null };
}
