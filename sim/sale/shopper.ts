import { refuse, type Refusal } from "../../domain/problem.ts";
import type { CheckoutCommand } from "../../domain/purchase/stock.ts";
import type { ReserveAnswer } from "../../durable-objects/sku.ts";
import type { WaitlistAnswer, WaitlistPlace } from "../../durable-objects/sku-waitlist.ts";
import type { Dice } from "../kernel/dice.ts";
import { Client } from "./client.ts";
import type { Edge, QueueAnswer } from "./edge.ts";
import type { LivePage } from "./live.ts";
import { START_MS, type Habit, type ShopperPlan } from "../plan/plan.ts";
import type { Witness } from "./witness.ts";
import type { World } from "./world.ts";

/** Pauses between repeats of a call that failed, in microseconds. */
const RETRY_MIN_US = 100_000;
const RETRY_MAX_US = 2_000_000;
/** Calls that fail this often in a row make a shopper give up; trouble lasts a minute or so. */
const TRIES_MAX = 200;
/** The impatient give up after this many. */
const IMPATIENT_TRIES_MAX = 1;
/** Looks at the line before a shopper gives up. */
const POLLS_MAX = 400;
/** Looks at an order until it is settled. */
const ORDER_POLLS_MAX = 300;
/** Someone who lapsed or expired joins again this often. */
const REJOINS_MAX = 2;
/** A look at a line that is sold out is repeated this often: units may come back. */
const SOLD_OUT_POLLS_MAX = 3;
/** Who lingers looks so often before buying: longer than most sessions. */
const LINGER_MAX_LOOKS = 8;
/** Looks at a waiting list before somebody loses patience, and the pauses between them. */
const LIST_MAX_LOOKS = 40;
const LIST_MIN_US = 300_000;
const LIST_MAX_US = 3_000_000;
/** Who let an offer go joins the list again so often. */
const LIST_JOINS_MAX = 2;
/** Who asks early does so in the first of their looks at the line: two who never take an offer keep a unit from all for ever. */
const EARLY_ASKS_MAX = 100;
/** A shopper with a pass thinks this long at most before buying, and again before paying. */
const THINK_MAX_US = 6_000_000;

/** How a shopper's visit came to its end. */
export type Ending =
  | "bought"
  | "not_paid"
  | "sold_out"
  | "ended"
  | "left"
  | "walked_away"
  | "limit_reached"
  | "too_late"
  | "gave_up";

/** Tokens that went over the wire, for those who steal. */
export interface Loot {
  tickets: string[];
  passes: string[];
  orderIds: string[];
}

/** A person with a browser, on one device: joins, waits, buys, pays, with the habits of the plan. */
export class Shopper extends Client {
  ending: Ending | null = null;
  readonly #edges: readonly Edge[];
  readonly #witness: Witness;
  readonly #plan: ShopperPlan;
  readonly #loot: Loot;
  readonly #dice: Dice;
  /** The page's socket, for those who have one. */
  readonly #live: LivePage | null;
  #ticket = "";
  #pass: string | undefined;

  constructor(
    world: World,
    edges: readonly Edge[],
    witness: Witness,
    plan: ShopperPlan,
    options: { device: number; loot: Loot; live?: LivePage | null },
  ) {
    super(world, `${plan.subject}/${options.device}`);
    this.#live = options.live ?? null;
    this.#edges = edges;
    this.#witness = witness;
    this.#plan = plan;
    this.#loot = options.loot;
    this.#dice = world.kernel.dice.fork(`shopper/${this.node}`);
  }

  /** The whole visit. */
  async visit(): Promise<void> {
    const { scheduler } = this.world.kernel;
    const arrivesAtUs = (START_MS + this.#plan.arrivesAfterMs) * 1000;
    await scheduler.sleep(arrivesAtUs - scheduler.nowUs);
    this.ending = await this.#queueAndBuy();
    this.#live?.done();
    this.world.kernel.note(`${this.node} ends: ${this.ending}`);
    if (this.#has("forges")) await this.#forge();
    if (this.#has("steals")) await this.#steal();
  }

  async #queueAndBuy(): Promise<Ending> {
    for (let joins = 0; joins <= REJOINS_MAX; joins++) {
      const joined = await this.#twice(() => this.#insist("join", (edge) => edge.join(this.#who)));
      if (!joined.ok) return joined.code === "sale_ended" ? "ended" : "gave_up";
      this.#keep(joined);
      if (this.#has("abandons_line")) return "walked_away";
      const ending = await this.#wait();
      if (ending !== "again") return ending;
    }
    return "too_late";
  }

  /** Looks at the line until there is a pass or nothing to wait for. */
  async #wait(): Promise<Ending | "again"> {
    let soldOutPolls = 0;
    for (let polls = 0; polls < POLLS_MAX; polls++) {
      if (this.#has("leaves") && this.#dice.chance(0.2)) return this.#leave();
      const answer = await this.#insist("poll", (edge) =>
        edge.poll(this.#who, this.#ticket, this.#pass),
      );
      if (!answer.ok) return this.#lostTicket(answer);
      this.#keep(answer);
      const { state, reason, pollAfterMs } = answer.view;
      if (state === "admitted") return this.#buy();
      if (state === "left") return "left";
      if (state === "lapsed" || state === "expired") return "again";
      if (state === "closed" && reason === "ended") return "ended";
      if (state === "closed" && ++soldOutPolls > SOLD_OUT_POLLS_MAX) return this.#waitOnList();
      if (this.#has("asks_early") && polls < EARLY_ASKS_MAX && this.#dice.chance(0.7))
        await this.#joinList();
      await this.#rest(pollAfterMs);
    }
    return "gave_up";
  }

  /** A ticket whose key an edge does not list is replaced by joining again. */
  #lostTicket({ code }: Refusal): Ending | "again" {
    return code === "ticket_invalid" ? "again" : "gave_up";
  }

  async #buy(): Promise<Ending | "again"> {
    const { sku, quantity } = this.#plan;
    await this.#pause(0, THINK_MAX_US);
    if (this.#has("lingers") && !(await this.#linger())) return "again";
    const hold = await this.#reserve("buy", quantity);
    if (!hold.ok) return this.#refused(hold);
    this.#loot.orderIds.push(hold.orderId);
    if (this.#has("changes_mind")) await this.#reserve("buy", quantity + 1);
    if (this.#has("wants_more"))
      for (const key of ["more", "still more"]) await this.#reserve(key, quantity);
    if (this.#has("abandons_hold")) return "walked_away";
    await this.#pause(0, THINK_MAX_US);
    if (this.#has("cancels") && this.#dice.chance(0.5))
      await this.#insist("cancel", (edge) => edge.cancel(this.#who, hold.orderId));
    const ending = await this.#pay(hold.orderId);
    if (this.#has("replays")) {
      await this.#pause(0, THINK_MAX_US);
      await this.#reserve("buy", quantity);
      await this.#insist("poll", (edge) => edge.poll(this.#who, this.#ticket, undefined));
      await this.#insist("purchase", (edge) =>
        edge.purchase(this.#who, this.#pass ?? "", "replay", { sku, quantity }),
      );
    }
    return ending;
  }

  /** Stays inside for a while and goes on looking, which renews the pass; whether it still lasts. */
  async #linger(): Promise<boolean> {
    for (let looks = this.#dice.int(2, LINGER_MAX_LOOKS); looks > 0; looks--) {
      await this.#pause(THINK_MAX_US, 2 * THINK_MAX_US);
      const answer = await this.#insist("poll", (edge) =>
        edge.poll(this.#who, this.#ticket, this.#pass),
      );
      if (!answer.ok) return true;
      this.#keep(answer);
      if (answer.view.state !== "admitted") return false;
    }
    return true;
  }

  async #refused({ code }: Refusal): Promise<Ending | "again"> {
    if (code === "sold_out") return this.#waitOnList();
    if (code === "limit_reached") return code;
    if (code === "sale_ended") return "ended";
    if (code !== "pass_expired" && code !== "pass_invalid") return "gave_up";
    this.#pass = undefined;
    return "again";
  }

  #reserve(key: string, quantity: number): Promise<ReserveAnswer | Refusal> {
    const { sku } = this.#plan;
    const idempotencyKey = `${this.node}/${key}`;
    return this.#twice(() =>
      this.#insist("purchase", (edge) =>
        edge.purchase(this.#who, this.#pass ?? "", idempotencyKey, { sku, quantity }),
      ),
    );
  }

  async #pay(orderId: string): Promise<Ending> {
    let checkouts = 0;
    for (let polls = 0; polls < ORDER_POLLS_MAX; polls++) {
      const seen = await this.#insist("order", (edge) => edge.order(this.#who, orderId));
      if (!seen.ok) return "gave_up";
      const { status } = seen.order;
      if (status === "CONFIRMED") return "bought";
      if (status !== "RESERVED" && status !== "PAYMENT_PENDING") return "not_paid";
      if (status === "RESERVED") {
        const key = `${this.node}/pay ${++checkouts}`;
        await this.#twice(() =>
          this.#insist("checkout", (edge) => edge.checkout(this.#who, orderId, key, this.#payment)),
        );
      }
      await this.#pause(500_000, 1_500_000);
    }
    return "gave_up";
  }

  #joinList(): Promise<WaitlistAnswer | Refusal> {
    const { sku, quantity } = this.#plan;
    return this.#twice(() =>
      this.#insist("list", (edge) => edge.joinWaitlist(this.#who, this.#ticket, { sku, quantity })),
    );
  }

  /** Waits on the item's list for units that come free, and takes what is offered, or does not. */
  async #waitOnList(): Promise<Ending> {
    if (this.#has("shuns_list")) return "sold_out";
    for (let joins = 0; joins < LIST_JOINS_MAX; joins++) {
      const joined = await this.#joinList();
      if (!joined.ok) return joined.code === "sale_ended" ? "ended" : "sold_out";
      const orderId = await this.#offer();
      if (orderId === null) return "sold_out";
      if (this.#has("ignores_offer")) await this.#lookWhile("offered");
      else if (this.#has("declines_offer")) await this.#leaveList();
      else return this.#pay(orderId);
    }
    return "too_late";
  }

  /** The order of an offer; `null` when none comes. */
  async #offer(): Promise<string | null> {
    const place = await this.#lookWhile("waiting");
    if (place?.state === "offered") return place.orderId;
    if (place?.state === "waiting" && this.#dice.chance(0.5)) await this.#leaveList();
    return null;
  }

  /** Looks at the list until the own place there is another; `null` when it is gone. */
  async #lookWhile(state: WaitlistPlace["state"]): Promise<WaitlistPlace | null> {
    let place: WaitlistPlace | null = null;
    for (let looks = 0; looks < LIST_MAX_LOOKS; looks++) {
      const answer = await this.#insist("list", (edge) =>
        edge.waitlistPlace(this.#who, this.#plan.sku),
      );
      if (!answer.ok) return null;
      ({ place } = answer);
      if (place.state !== state) break;
      if (this.#has("leaves_list") && this.#dice.chance(0.2)) {
        await this.#leaveList();
        return null;
      }
      await this.#pause(LIST_MIN_US, LIST_MAX_US);
    }
    return place;
  }

  async #leaveList(): Promise<void> {
    await this.#insist("leave list", (edge) => edge.leaveWaitlist(this.#who, this.#plan.sku));
  }

  async #leave(): Promise<Ending> {
    await this.#insist("leave", (edge) => edge.leave(this.#who, this.#ticket));
    return "left";
  }

  /** Changes one character of every token it has: nothing may come of it. */
  async #forge(): Promise<void> {
    const { sku, quantity } = this.#plan;
    const ticket = this.#altered(this.#ticket);
    await this.#mustFail("a changed ticket", (edge) => edge.poll(this.#who, ticket, undefined));
    if (this.#pass === undefined) return;
    const pass = this.#altered(this.#pass);
    await this.#mustFail("a changed pass", (edge) =>
      edge.purchase(this.#who, pass, `${this.node}/forged`, { sku, quantity }),
    );
  }

  /** Uses what others have: nothing may come of it either. */
  async #steal(): Promise<void> {
    const { sku, quantity } = this.#plan;
    const others = (tokens: string[]): string[] =>
      tokens.filter((token) => token !== this.#ticket && token !== this.#pass);
    const [ticket] = others(this.#loot.tickets);
    const [pass] = others(this.#loot.passes);
    const [orderId] = this.#loot.orderIds;
    const thief = `${this.#who}_thief`;
    if (ticket !== undefined)
      await this.#mustFail("a stolen ticket", (edge) => edge.poll(thief, ticket, undefined));
    if (pass !== undefined)
      await this.#mustFail("a stolen pass", (edge) =>
        edge.purchase(thief, pass, `${this.node}/stolen`, { sku, quantity }),
      );
    if (orderId !== undefined) {
      await this.#mustFail("a stolen order", (edge) => edge.order(thief, orderId));
      await this.#mustFail("a stolen order", (edge) => edge.cancel(thief, orderId));
    }
  }

  async #mustFail(
    what: string,
    call: (edge: Edge) => Promise<{ ok: true } | Refusal>,
  ): Promise<void> {
    const answer = await this.#ask(what, call);
    if (answer.ok) this.#witness.violate("token.genuine", `${what} of ${this.node} was accepted`);
  }

  #altered(token: string): string {
    const at = this.#dice.int(0, token.length - 1);
    const other = token[at] === "A" ? "B" : "A";
    return `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
  }

  #keep({ ticket, view }: QueueAnswer): void {
    if (ticket !== this.#ticket) this.#pass = undefined;
    this.#ticket = ticket;
    this.#live?.seen(ticket, view);
    this.#loot.tickets.push(ticket);
    if (view.pass === undefined) return;
    this.#pass = view.pass;
    this.#loot.passes.push(view.pass);
  }

  /** Makes a call, for those who double-click two at the same time. */
  async #twice<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (!this.#has("double_clicks")) return call();
    const [, second] = await Promise.all([call(), call()]);
    return second;
  }

  /** Repeats a call until it is answered by more than "busy" or "not yet". */
  async #insist<Answer extends { ok: true }>(
    what: string,
    call: (edge: Edge) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    let answer: Answer | Refusal = refuse("busy", { retryAfterSeconds: 1 });
    const triesMax = this.#has("gives_up_soon") ? IMPATIENT_TRIES_MAX : TRIES_MAX;
    for (let tries = 0; tries < triesMax; tries++) {
      answer = await this.#ask(what, call);
      if (answer.ok || !this.#mayPass(answer)) return answer;
      await this.#pause(RETRY_MIN_US, RETRY_MAX_US);
    }
    return answer;
  }

  /** One request over the shopper's own connection. */
  async #ask<Answer extends { ok: true }>(
    what: string,
    call: (edge: Edge) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    this.#witness.operations += 1;
    const edge = this.#dice.pick(this.#edges);
    return this.request(edge, what, call);
  }

  /** Until the next look: as the shop says, or as the page does that has a socket. */
  #rest(pollAfterMs: number): Promise<void> {
    if (!this.#live) return this.#pause(pollAfterMs * 1000, pollAfterMs * 1200);
    return this.#live.rest(this.#dice.int(pollAfterMs * 1000, pollAfterMs * 1200) / 1000);
  }

  #pause(minUs: number, maxUs: number): Promise<void> {
    return this.world.kernel.scheduler.sleep(this.#dice.int(minUs, maxUs));
  }

  /** Whether asking again later may be answered otherwise: an edge may not have the key of an order yet. */
  #mayPass({ code }: Refusal): boolean {
    if (code === "not_found") return this.world.plan.keys.length > 0;
    return code === "busy" || code === "sale_not_started" || code === "sale_paused";
  }

  #has(habit: Habit): boolean {
    return this.#plan.habits.includes(habit);
  }

  get #payment(): Pick<CheckoutCommand, "paymentMethod" | "paymentToken"> {
    if (this.#has("pays_cash")) return { paymentMethod: "cod", paymentToken: "" };
    return { paymentMethod: "card", paymentToken: this.#plan.token };
  }

  get #who(): string {
    return this.#plan.subject;
  }
}
