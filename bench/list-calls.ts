import { expectBody, type Refusal, refusalOf } from "./answers.ts";
import { type Call, type Caller, UnexpectedAnswer } from "./calls.ts";
import { isFigures, isListView, type ListView } from "./contract.ts";
import { isAllHeld } from "./follow-board.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** What the calls of one shopper to a waiting list need. */
export interface ListCallsOptions {
  caller: Caller;
  path: string;
  /** Where the sale shows its figures to everyone. */
  figuresPath: string;
  /** The bearer and the ticket, as they are at the moment. */
  headers: () => Record<string, string>;
  record: ShopperRecord;
}

/** One shopper's calls to the waiting list of an item; what was answered is in the record. */
export class ListCalls {
  readonly #options: ListCallsOptions;

  constructor(options: ListCallsOptions) {
    this.#options = options;
  }

  /** Whether the figures that everyone may see say that everything is held. */
  async isAllHeld(): Promise<boolean> {
    const { caller, figuresPath: path } = this.#options;
    const answer = await caller.call({ kind: "figures poll", method: "GET", path, headers: {} });
    return isAllHeld(expectBody("figures poll", answer, [200], isFigures));
  }

  /** Waits for units that come free, with the place in line `number`. */
  async join(number: number, quantity: number): Promise<ListView | Refusal> {
    const { caller, record } = this.#options;
    const body = JSON.stringify({ quantity });
    const answer = await caller.call({ ...this.#call("list join", "POST"), body });
    if (answer.status === 409) return refusalOf("list join", answer, [409]);
    const view = expectBody("list join", answer, [200, 201], isListView);
    const joinedAtMs = answer.answeredAtMs;
    record.list ??= { number, joinedAtMs, orderId: null, leftAtMs: null };
    return this.#note(view);
  }

  /** Where the shopper stands. */
  async look(): Promise<ListView> {
    const answer = await this.#options.caller.call(this.#call("list poll", "GET"));
    return this.#note(expectBody("list poll", answer, [200], isListView));
  }

  /** Leaves the list, or declines what it offers. */
  async leave(): Promise<void> {
    const { caller, record } = this.#options;
    if (record.list !== null) record.list.leftAtMs = caller.clock.nowMs();
    const answer = await caller.call(this.#call("list leave", "DELETE"));
    if (answer.status !== 204) throw new UnexpectedAnswer("list leave", answer);
  }

  #call(kind: Call["kind"], method: Call["method"]): Call {
    const { headers, path } = this.#options;
    return { kind, method, path, headers: headers() };
  }

  #note(view: ListView): ListView {
    const { list } = this.#options.record;
    if (list !== null) list.orderId ??= view.orderId ?? null;
    return view;
  }
}
