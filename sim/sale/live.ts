import type { Refusal } from "../../domain/problem.ts";
import { liveShardName, liveShardOf } from "../../domain/queue/live-tree.ts";
import type { Region } from "../../domain/queue/region.ts";
import { shopperBinding } from "../../domain/token.ts";
import { backoffMs } from "../../web/src/backoff.ts";
import type { LiveMessage, QueueView } from "../../web/src/contract.ts";
import { followsBoard, isToAsk, livePollMs, viewByBoard } from "../../web/src/live-view.ts";
import type { View } from "../../workers/gateway/views/queue.ts";
import type { LiveInvariants, WatcherState } from "../invariants/live.ts";
import type { Dice } from "../kernel/dice.ts";
import type { ScheduledEvent } from "../kernel/scheduler.ts";
import type { ClientSocket } from "../platform/socket.ts";
import { Client } from "./client.ts";
import type { Edge } from "./edge.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** As the page has them (`web/src/live-socket.ts`). */
const FIRST_SPREAD_MS = 2_000;
const RETURN_SPREAD_MS = 5_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
/** Two regions are enough for two trees. */
const REGIONS: readonly Region[] = ["enam", "weur"];
/** Of the pages some stay open to the end of the sale. */
const STAYS_SHARE = 0.5;
/** Of those who were let in some try the same address again, some another one than they were given, … */
const AGAIN_SHARE = 0.2;
const FORGED_SHARE = 0.1;
/** … and some one that has long expired. */
const LATE_SHARE = 0.1;
const LATE_MS = 45_000;

/** A page's socket: comes, brings boards, is lost and comes back, by the rules of the page. */
export class LivePage extends Client {
  readonly #edges: readonly Edge[];
  readonly #witness: Witness;
  readonly #invariants: LiveInvariants;
  readonly #subject: string;
  readonly #region: Region;
  readonly #stays: boolean;
  readonly #dice: Dice;
  #ticket = "";
  #isWanted = false;
  #socket: ClientSocket | null = null;
  #board: LiveMessage | null = null;
  #view: QueueView | null = null;
  #withoutSinceMs: number | null = null;
  #failures = 0;
  #timer: ScheduledEvent | null = null;
  /** Counts tries and ends: what belongs to an earlier one is out of date. */
  #turn = 0;
  /** Ends the page's pause between two polls: at once, or after so long. */
  #wake: (afterMs: number) => void = () => {};

  constructor(
    world: World,
    edges: readonly Edge[],
    witness: Witness,
    options: { invariants: LiveInvariants; subject: string; node: string },
  ) {
    super(world, `${options.node}/page`);
    this.#edges = edges;
    this.#witness = witness;
    this.#invariants = options.invariants;
    this.#subject = options.subject;
    this.#dice = world.kernel.dice.fork(`live/${options.node}`);
    this.#region = this.#dice.pick(REGIONS);
    this.#stays = this.#dice.chance(STAYS_SHARE);
  }

  /** The shop has told where the shopper stands. */
  seen(ticket: string, view: View): void {
    this.#ticket = ticket;
    this.#view = view as QueueView;
    this.#want(followsBoard(this.#view));
  }

  /** The visit is over; some leave the page open. */
  done(): void {
    if (!this.#stays) this.#want(false);
  }

  /** The pause before the next poll: a long one beside a socket that lives, and over when a board says so. */
  async rest(pollMs: number): Promise<void> {
    const { scheduler } = this.world.kernel;
    const view = this.#board && this.#view ? viewByBoard(this.#view, this.#board) : this.#view;
    const restMs = this.#board && view ? livePollMs(view, pollMs, this.#nowMs) : pollMs;
    if ((restMs ?? pollMs) > pollMs) this.#witness.covered.add("live.rested");
    await new Promise<void>((resolve) => {
      const end = scheduler.schedule((restMs ?? pollMs) * 1000, resolve);
      this.#wake = (afterMs) => {
        end.cancelled = true;
        scheduler.schedule(afterMs * 1000, resolve);
      };
    });
    this.#wake = () => {};
  }

  /** How the socket is, for the invariants; `null` while none is wanted. */
  get state(): WatcherState | null {
    if (!this.#isWanted) return null;
    const shard = liveShardOf(shopperBinding(this.world.keyring, SALE_ID, this.#subject));
    return {
      node: this.node,
      shard: liveShardName({ saleId: SALE_ID, region: this.#region, shard }),
      withoutSinceMs: this.#withoutSinceMs,
      version: this.#board?.version ?? null,
    };
  }

  get #nowMs(): number {
    return this.world.kernel.scheduler.nowUs / 1000;
  }

  #want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#failures = 0;
    this.#withoutSinceMs = isWanted ? this.#nowMs : null;
    if (!isWanted) return this.#drop();
    this.#plan(() => void this.#connect(), this.#dice.int(0, FIRST_SPREAD_MS));
  }

  #plan(run: () => void, delayMs: number): void {
    if (this.#timer) this.#timer.cancelled = true;
    this.#timer = this.world.kernel.scheduler.schedule(delayMs * 1000, run);
  }

  #address(): Promise<{ ok: true; token: string } | Refusal> {
    return this.#ask("live", (edge) =>
      Promise.resolve(edge.live.address(this.#subject, this.#ticket, this.#region)),
    );
  }

  async #connect(): Promise<void> {
    const mine = ++this.#turn;
    const isMine = (): boolean => mine === this.#turn;
    const right = await this.#address();
    if (!isMine()) return;
    // A refusal stays one; without an answer it is tried again.
    if (!right.ok) return right.code === "busy" ? this.#fail() : this.#want(false);
    this.#plan(() => this.#fail(), PONG_WITHIN_MS);
    await this.#open(right.token, isMine);
  }

  async #open(token: string, isMine: () => boolean): Promise<void> {
    let edgeNode = "";
    const answer = await this.#ask("socket", (edge) => {
      edgeNode = edge.node;
      return edge.live.open(token);
    });
    if (!answer.ok) {
      this.#witness.covered.add(`live.refused.${answer.code}`);
      if (isMine()) this.#fail();
      return;
    }
    const { socket } = answer;
    const shard = String(socket.wire?.name.split("#")[0]);
    socket.connect(this.world.network, [shard, edgeNode, this.node], {
      message: (text) => isMine() && this.#take(text),
      closed: () => isMine() && this.#fail(),
    });
    if (!isMine()) return socket.close();
    this.#socket = socket;
    if (this.#dice.chance(AGAIN_SHARE)) await this.#mustFail("again", token);
    if (this.#dice.chance(FORGED_SHARE)) await this.#mustFail("changed", altered(token));
    if (this.#dice.chance(LATE_SHARE)) await this.#comeLate();
  }

  async #comeLate(): Promise<void> {
    const right = await this.#address();
    await this.world.kernel.scheduler.sleep(LATE_MS * 1000);
    if (right.ok) await this.#mustFail("late", right.token);
  }

  /** Comes with a right that is none: nobody may be let in by it. */
  async #mustFail(what: string, token: string): Promise<void> {
    const answer = await this.#ask("socket", (edge) => edge.live.open(token));
    if (answer.ok)
      this.#witness.violate("live.token", `${this.node} opened a socket by a ${what} token`);
    else if (answer.code === "live_token_invalid") this.#witness.covered.add(`live.${what}`);
  }

  #take(text: string): void {
    this.#failures = 0;
    this.#withoutSinceMs = null;
    this.#plan(() => this.#ping(), PING_EVERY_MS);
    if (text === "pong") return this.#witness.covered.add("live.pong") && undefined;
    this.#invariants.pushed(`${this.node} ${this.#region}`, text);
    const board = JSON.parse(text) as LiveMessage;
    const earlier = this.#board;
    this.#board = board;
    const before = this.#view;
    if (!before) return;
    this.#view = viewByBoard(before, board);
    if (isToAsk(before, board, earlier)) {
      this.#witness.covered.add("live.called");
      this.#wake(0);
    }
    if (!followsBoard(this.#view)) this.#want(false);
  }

  #ping(): void {
    this.#socket?.send("ping");
    this.#plan(() => this.#fail(), PONG_WITHIN_MS);
  }

  #fail(): void {
    this.#drop();
    if (!this.#isWanted) return;
    this.#failures += 1;
    this.#withoutSinceMs ??= this.#nowMs;
    const delayMs = backoffMs(this.#failures, this.#dice.int(0, 99) / 100);
    this.#plan(() => void this.#connect(), delayMs + this.#dice.int(0, RETURN_SPREAD_MS));
  }

  #drop(): void {
    this.#turn += 1;
    if (this.#timer) this.#timer.cancelled = true;
    this.#socket?.close();
    this.#socket = null;
    const wasLive = this.#board !== null;
    this.#board = null;
    if (!wasLive) return;
    this.#witness.covered.add("live.lost");
    this.#wake(this.#view?.pollAfterMs ?? 0);
  }

  #ask<Answer extends { ok: true }>(
    what: string,
    call: (edge: Edge) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    return this.request(this.#dice.pick(this.#edges), what, call);
  }
}

/** The token with another character in its midst. */
function altered(token: string): string {
  const at = Math.floor(token.length / 2);
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}
