import { closedView, expectBody, type Refusal, refusalOf } from "./answers.ts";
import { type Answer, type Call, type Caller, UnexpectedAnswer } from "./calls.ts";
import {
  isCheckoutAnswer,
  isGuestToken,
  isHoldAnswer,
  isLiveAddress,
  isInvited,
  isOrder,
  isQueueView,
  type ListView,
  type Order,
  type QueueView,
} from "./contract.ts";
import { ListCalls } from "./list-calls.ts";
import type { CallKind } from "./meter.ts";
import { methodOf, type Payment } from "./payments.ts";
import { arrivalOfTicket, grantOfPass } from "./token-times.ts";
import { type HoldTold, newShopperRecord, type PlaceTold } from "./shopper-record.ts";
import { lastSeen, type OrderSeen, receiptToKeep, type ShopperRecord } from "./shopper-record.ts";

/** What one shopper wants. */
export interface ShopperOptions {
  caller: Caller;
  index: number;
  saleId: string;
  sku: string;
  quantity: number;
}

/** Answers with which the contract refuses the address of a socket. */
const LIVE_REFUSALS: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * One shopper over real HTTP: each method is one call of the contract, repeated unchanged by the
 * `Caller` while the system is away, and writes into `record` what was answered. Methods throw
 * `UnexpectedAnswer` where the contract is broken, `TimeOver` and `GaveUp` as `Caller.call` does.
 */
export class Shopper {
  readonly record: ShopperRecord;
  /** The waiting list of the item. */
  readonly list: ListCalls;
  /** The header that says who they are; empty before `guest`. */
  bearer = "";
  readonly #caller: Caller;
  readonly #options: ShopperOptions;
  readonly #queuePath: string;
  #ticket = "";
  #pass = "";
  #rejoining: Promise<unknown> = Promise.resolve();
  /** Smallest `ahead` of the place held now: an answer may be older than the board before it. */
  readonly #least: Record<"answers" | "boards", number> = { answers: Infinity, boards: Infinity };

  constructor(options: ShopperOptions) {
    this.#options = options;
    this.#caller = options.caller;
    this.record = newShopperRecord(options.index);
    const { caller, saleId, sku } = options;
    this.#queuePath = `/api/v1/sales/${saleId}/queue`;
    this.list = new ListCalls({
      caller,
      path: `/api/v1/sales/${saleId}/waitlist/${sku}`,
      figuresPath: `/api/v1/sales/${saleId}/status`,
      headers: () => this.#jsonHeaders({ "queue-ticket": this.#ticket }),
      record: this.record,
    });
  }

  /** Takes a guest token, once. */
  async guest(): Promise<void> {
    if (this.bearer !== "") return;
    const answer = await this.#post("guest", "/api/v1/auth/guest", {}, "{}");
    const { accessToken } = expectBody("guest", answer, [201], isGuestToken);
    this.bearer = `Bearer ${accessToken}`;
  }

  /** Joins the line, as a new place in the record: the first time, or after a lost turn. */
  async join(): Promise<QueueView> {
    const { view, answer } = await this.#sendJoin();
    this.#pass = "";
    this.#least.answers = Infinity;
    this.#least.boards = Infinity;
    this.record.places.push({
      number: view.number,
      ticket: view.ticket ?? null,
      numberedAtJoin: view.number !== null,
      arrivedAtMs: view.ticket === undefined ? null : arrivalOfTicket(view.ticket),
      firstSentAtMs: answer.firstSentAtMs,
      answeredAtMs: answer.answeredAtMs,
      stateAtJoin: view.state,
      receipt: receiptToKeep(this.record.index, view),
      leastAhead: view.ahead,
      waitingAnswers: 0,
      askKnownAtMs: null,
      grantedAtMs: null,
      passAtMs: null,
      passExpiresAtMs: null,
      purchaseSentAtMs: null,
    });
    this.#noteView(view, answer);
    return view;
  }

  /**
   * Joins once more as a reloaded page would, and only returns the view, for comparing. Null after
   * the shopper left: a join would make a new place.
   */
  async joinAgain(): Promise<QueueView | null> {
    if (this.record.hasLeft) return null;
    const joining = this.#sendJoin();
    this.#rejoining = Promise.allSettled([joining]);
    return (await joining).view;
  }

  /** A waiting poll: the ticket alone, or with the pass once there is one. */
  async poll(): Promise<QueueView> {
    const headers: Record<string, string> = { "queue-ticket": this.#ticket };
    if (this.#pass !== "") {
      headers["queue-pass"] = this.#pass;
      headers["authorization"] = this.bearer;
    }
    const call: Call = { kind: "waiting poll", method: "GET", path: this.#queuePath, headers };
    const answer = await this.#caller.call(call);
    // The cursor has passed since the last look: from here on the bearer is needed.
    if (answer.status === 401 && this.#pass === "") return this.claim();
    const view = this.#readView(answer, "waiting poll");
    if (view.state === "waiting" && !isInvited(view)) this.#place.waitingAnswers += 1;
    return view;
  }

  /** The poll of an invited shopper, who shows the bearer and is given the pass. */
  async claim(): Promise<QueueView> {
    const headers = { "queue-ticket": this.#ticket, authorization: this.bearer };
    const call: Call = { kind: "claim", method: "GET", path: this.#queuePath, headers };
    const answer = await this.#caller.call(call);
    const view = this.#readView(answer, "claim");
    // Answered by a board from before the turn, the gateway has not asked the line.
    const isFromBefore = view.state === "waiting" && !isInvited(view);
    if (!isFromBefore) this.#place.askKnownAtMs ??= answer.answeredAtMs;
    else if (this.record.socket !== null) this.record.socket.claimsTooSoon += 1;
    if (view.state === "waiting") this.#place.waitingAnswers += 1;
    return view;
  }

  /** Asks for the address of a socket; null when that is refused, so that polls have to do. */
  async liveAddress(): Promise<string | null> {
    const path = this.#queuePath.replace(/queue$/, "live");
    const answer = await this.#post("live address", path, { "queue-ticket": this.#ticket }, "{}");
    if (LIVE_REFUSALS.has(answer.status)) return null;
    return expectBody("live address", answer, [200], isLiveAddress).url;
  }

  /** Takes in what a board that was heard then means for the place held now. */
  hear(view: QueueView, heardAtMs: number): void {
    if (view.reason === "sold_out") this.record.soldOutToldAtMs ??= heardAtMs;
    if (view.state === "waiting" && !isInvited(view)) this.#place.waitingAnswers += 1;
    if (view.ahead !== null) this.#noteAhead(view.ahead, "boards");
  }

  /** Buys with this key; `twice` sends the same call two times at once, as a double click does. */
  async purchase(key: string, twice = false): Promise<HoldTold | Refusal> {
    this.#place.purchaseSentAtMs ??= this.#caller.clock.nowMs();
    this.record.purchaseUnresolved = true;
    const answers = await this.#send("purchase", this.#purchaseCall(key), twice);
    this.record.purchaseUnresolved = false;
    const held = answers.find((answer) => answer.status === 202);
    if (held !== undefined) return this.#noteHold(key, held);
    const [answer] = answers;
    const refusal = refusalOf("purchase", answer, [403, 409]);
    const { refused } = refusal;
    this.record.refusals[refused] = (this.record.refusals[refused] ?? 0) + 1;
    return refusal;
  }

  /** Sends the purchase of an acknowledged hold again and records both answers. */
  async purchaseAgain(hold: HoldTold): Promise<void> {
    if (hold.key === null) return;
    const answer = await this.#caller.call(this.#purchaseCall(hold.key));
    const first = { status: 202, text: hold.body };
    this.record.repeats.push({ call: "purchase", first, again: textOf(answer) });
  }

  /** Starts the payment of an order; `attempt` counts the ways that were tried for it, from 1. */
  async checkout(
    orderId: string,
    attempt: number,
    payment: Payment,
    twice = false,
  ): Promise<Refusal | null> {
    const call: Call = {
      kind: "checkout",
      method: "POST",
      path: `/api/v1/orders/${orderId}/checkout`,
      headers: this.#jsonHeaders({ "idempotency-key": `pay-${attempt}-${orderId}` }),
      body: JSON.stringify(methodOf(payment)),
    };
    const [answer] = await this.#send("checkout", call, twice);
    if (answer.status !== 202) return refusalOf("checkout", answer, [409]);
    const { status } = expectBody("checkout", answer, [202], isCheckoutAnswer);
    this.#noteOrder({ orderId, status, version: null, atMs: answer.answeredAtMs });
    return null;
  }

  /** Goes on the item's waiting list with the place held now. */
  joinList(number: number): Promise<ListView | Refusal> {
    return this.list.join(number, this.#options.quantity);
  }

  /** Reads the order that the waiting list offers; from then on it is a hold of this shopper. */
  async noteOffer(orderId: string): Promise<Order> {
    const order = await this.orderStatus(orderId);
    const { quantity, total } = order;
    const answeredAtMs = this.#caller.clock.nowMs();
    this.record.holds.push({ orderId, key: null, quantity, total, body: "", answeredAtMs });
    return order;
  }

  /** Answers for the shopper on the page of the sandbox's bank, to which an order's next action leads. */
  async answerBank(url: string, approves: boolean): Promise<void> {
    const challenge = new URL(url, "http://bank.invalid").searchParams.get("challenge") ?? "";
    const path = `/api/v1/sandbox/bank/${encodeURIComponent(challenge)}`;
    const body = JSON.stringify({ answer: approves ? "approve" : "decline" });
    const answer = await this.#post("bank", path, {}, body);
    if (answer.status !== 200) throw new UnexpectedAnswer("bank", answer);
  }

  /** Reads an own order. */
  async orderStatus(orderId: string): Promise<Order> {
    const answer = await this.#caller.call({
      kind: "order poll",
      method: "GET",
      path: `/api/v1/orders/${orderId}/status`,
      headers: { authorization: this.bearer },
    });
    return this.#readOrder("order poll", orderId, answer);
  }

  /** Cancels an own order; refused with `order_state_conflict` when it is already over. */
  async cancel(orderId: string): Promise<Order | Refusal> {
    const path = `/api/v1/orders/${orderId}/cancel`;
    const answer = await this.#post("cancel", path, { authorization: this.bearer }, "{}");
    if (answer.status !== 200) return refusalOf("cancel", answer, [409]);
    return this.#readOrder("cancel", orderId, answer);
  }

  /** Leaves the line, not before a join under way is answered. */
  async leave(): Promise<void> {
    this.record.hasLeft = true;
    this.#place.purchaseSentAtMs ??= this.#caller.clock.nowMs();
    await this.#rejoining;
    const answer = await this.#caller.call({
      kind: "leave",
      method: "DELETE",
      path: this.#queuePath,
      headers: { "queue-ticket": this.#ticket },
    });
    if (answer.status !== 204) throw new UnexpectedAnswer("leave", answer);
  }

  /** The place held now. */
  get #place(): PlaceTold {
    const place = this.record.places.at(-1);
    if (place === undefined) throw new Error("join() comes before every other call of the queue");
    return place;
  }

  async #sendJoin(): Promise<{ view: QueueView; answer: Answer }> {
    const headers = { authorization: this.bearer };
    const answer = await this.#post("join", this.#queuePath, headers, "{}");
    if (answer.status === 409) return { view: closedView("join", answer), answer };
    const view = expectBody("join", answer, [200, 201], isQueueView);
    if (view.state !== "closed" && view.ticket === undefined) {
      throw new UnexpectedAnswer("join", answer);
    }
    return { view, answer };
  }

  #readView(answer: Answer, kind: CallKind): QueueView {
    const view = expectBody(kind, answer, [200], isQueueView);
    this.#noteView(view, answer);
    return view;
  }

  #noteView(view: QueueView, answer: Answer): void {
    const place = this.#place;
    if (view.reason === "sold_out") this.record.soldOutToldAtMs ??= answer.answeredAtMs;
    if (view.ticket !== undefined) this.#ticket = view.ticket;
    if (view.number !== null) {
      if (place.number !== null && place.number !== view.number) {
        this.#contradict(`number ${place.number} became ${view.number}`);
      }
      place.number ??= view.number;
    }
    if (view.ahead !== null) this.#noteAhead(view.ahead, "answers");
    if (view.state === "admitted" && view.pass !== undefined) {
      if (this.#pass !== "" && this.#pass !== view.pass) {
        this.#contradict("the pass came again with other bytes");
      }
      this.#pass = view.pass;
      place.grantedAtMs ??= grantOfPass(view.pass);
      place.passAtMs ??= answer.answeredAtMs;
      place.passExpiresAtMs ??= Date.parse(view.passExpiresAt ?? "") || null;
    }
  }

  #noteAhead(ahead: number, source: "answers" | "boards"): void {
    const least = this.#least[source];
    if (ahead > least) this.#contradict(`ahead grew from ${least} to ${ahead} in ${source}`);
    this.#least[source] = Math.min(least, ahead);
    this.#place.leastAhead = Math.min(this.#place.leastAhead ?? ahead, ahead);
  }

  #noteHold(key: string, answer: Answer): HoldTold {
    const { orderId, status, total } = expectBody("purchase", answer, [202], isHoldAnswer);
    const { quantity } = this.#options;
    const { answeredAtMs, text: body } = answer;
    const hold: HoldTold = { orderId, key, quantity, total, body, answeredAtMs };
    this.record.holds.push(hold);
    this.#noteOrder({ orderId, status, version: null, atMs: answeredAtMs });
    return hold;
  }

  #readOrder(kind: CallKind, orderId: string, answer: Answer): Order {
    const order = expectBody(kind, answer, [200], isOrder);
    this.#noteOrder({
      orderId,
      status: order.status,
      version: order.version,
      atMs: answer.answeredAtMs,
    });
    return order;
  }

  /** Keeps changes only, and the fact that a version went backwards. */
  #noteOrder(seen: OrderSeen): void {
    const newest = this.record.orders.findLast(
      (earlier) => earlier.orderId === seen.orderId && earlier.version !== null,
    );
    if (seen.version !== null && (newest?.version ?? 0) > seen.version) {
      this.#contradict(`order version went back from ${newest?.version} to ${seen.version}`);
    }
    const before = lastSeen(this.record, seen.orderId);
    if (before?.status !== seen.status || before.version !== seen.version) {
      this.record.orders.push(seen);
    }
  }

  #contradict(sentence: string): void {
    this.record.contradictions.push(sentence);
  }

  #purchaseCall(key: string): Call {
    const { saleId, sku, quantity } = this.#options;
    return {
      kind: "purchase",
      method: "POST",
      path: `/api/v1/sales/${saleId}/purchase`,
      headers: this.#jsonHeaders({ "queue-pass": this.#pass, "idempotency-key": key }),
      body: JSON.stringify({ sku, quantity }),
    };
  }

  /** Sends a keyed call, or two of it at once, and records the pair. */
  async #send(call: Repeatable, request: Call, twice: boolean): Promise<[Answer, ...Answer[]]> {
    if (!twice) return [await this.#caller.call(request)];
    const [first, again] = await Promise.all([
      this.#caller.call(request),
      this.#caller.call(request),
    ]);
    this.record.repeats.push({ call, first: textOf(first), again: textOf(again) });
    return [first, again];
  }

  #jsonHeaders(more: Record<string, string>): Record<string, string> {
    return { "content-type": "application/json", authorization: this.bearer, ...more };
  }

  async #post(
    kind: CallKind,
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<Answer> {
    return this.#caller.call({
      kind,
      method: "POST",
      path,
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  }
}

type Repeatable = "purchase" | "checkout";

function textOf(answer: Answer): { status: number; text: string } {
  return { status: answer.status, text: answer.text };
}
