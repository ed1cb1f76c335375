import { DurableObject } from "cloudflare:workers";
import { refuse, type Refusal } from "../domain/problem.ts";
import type { Board } from "../domain/queue/board.ts";
import { liveMessage } from "../domain/queue/live.ts";
import { liveRootName, parseLiveShardName, SHARD_SOCKETS_MAX } from "../domain/queue/live-tree.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { BoardWatch } from "./board-watch.ts";
import { Calls } from "./calls.ts";
import { LiveTokenStore } from "./live-token-store.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";

/** Who finds no room polls; room comes as others are let in. */
const FULL_RETRY_SECONDS = 30;
/** Sockets of one shopper: some tabs and a phone; the oldest gives way. */
const SOCKETS_PER_SHOPPER_MAX = 4;
/**
 * The parked call dies with the object, with the region's root and with the sequencer: by this alarm it
 * is made again, so that shoppers hear of a change within three seconds also then.
 */
const WATCHDOG_MS = 2_000;
/** What clients send to see that the socket lives, and what comes back without waking the object. */
const PING = "ping";
const PONG = "pong";
/** WebSocket close codes (RFC 6455, section 7.4.1): done, and against the rules. */
const CLOSE_DONE = 1000;
const CLOSE_POLICY = 1008;

/** The bindings that the object uses. */
export type LiveBoardEnv = Pick<WaitingRoomEnv, "LIVE_ROOT">;

/** What a socket keeps over hibernation. */
interface Attachment {
  openedAtMs: number;
}

/** For tests and admins. */
export interface LiveBoardStats {
  sockets: number;
  isWatching: boolean;
  calls: Record<string, number>;
}

/**
 * Holds the sockets of a share of a region's shoppers of a sale and brings them the board when it
 * changes, the same text for all. It asks the region's root only while somebody is connected.
 */
export class LiveBoard extends DurableObject<LiveBoardEnv> {
  readonly #runtime: Runtime;
  readonly #tokens: LiveTokenStore;
  readonly #clock: AlarmClock;
  readonly #calls = new Calls();
  readonly #watch: BoardWatch;
  readonly #socketsMax: number;
  /** Sockets that are open, or nearly: counted anew with every answer of the root. */
  #sockets: number;

  constructor(
    ctx: DurableObjectState,
    env: LiveBoardEnv,
    runtime: Runtime = systemRuntime,
    socketsMax = SHARD_SOCKETS_MAX,
  ) {
    super(ctx, env);
    this.#runtime = runtime;
    this.#socketsMax = socketsMax;
    const { shard, ...root } = parseLiveShardName(ctx.id.name ?? "");
    const where = { locationHint: root.region };
    this.#watch = new BoardWatch({
      runtime,
      calls: this.#calls,
      source: () => env.LIVE_ROOT.getByName(liveRootName(root), where),
      watcher: String(shard),
      saleId: root.saleId,
      heard: (board, isNews) => this.#heard(board, isNews),
    });
    this.#tokens = new LiveTokenStore(ctx.storage);
    this.#clock = new AlarmClock(ctx.storage, runtime);
    this.#sockets = this.#open().length;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    void ctx.blockConcurrencyWhile(async () => {
      await this.#clock.load();
      // The sockets outlive the object; the call that waited for their news does not.
      this.#keepWatch();
    });
  }

  /**
   * Opens a socket by a token that the gateway has verified: `binding`, `nonce` and `expiresAtMs` in
   * the query. Answers 101, or a refusal as JSON.
   */
  override fetch(request: Request): Response {
    this.#calls.count("shopper.socket");
    const query = new URL(request.url).searchParams;
    const binding = query.get("binding") ?? "";
    const nowMs = this.#runtime.now();
    if (this.#sockets >= this.#socketsMax)
      return refusal(refuse("busy", { retryAfterSeconds: FULL_RETRY_SECONDS }));
    const use = this.#tokens.use(query.get("nonce") ?? "", Number(query.get("expiresAtMs")), nowMs);
    if (!use.ok) return refusal(use);
    this.#makeRoom(binding);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [binding]);
    server.serializeAttachment({ openedAtMs: nowMs } satisfies Attachment);
    this.#sockets += 1;
    const { board } = this.#watch;
    if (board) server.send(this.#textOf(board));
    this.#keepWatch();
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Clients have nothing to say but pings, which never come here. */
  override webSocketMessage(socket: WebSocket): void {
    socket.close(CLOSE_POLICY, "Only pings are taken here.");
  }

  override async webSocketClose(): Promise<void> {
    await this.#left();
  }

  override async webSocketError(): Promise<void> {
    await this.#left();
  }

  override alarm(): void {
    this.#clock.fired();
    this.#tokens.sweep(this.#runtime.now());
    this.#keepWatch();
  }

  /** What the object holds and has served since it woke. */
  stats(): LiveBoardStats {
    return {
      sockets: this.#open().length,
      isWatching: this.#watch.isOn,
      calls: this.#calls.snapshot(),
    };
  }

  #open(tag?: string): WebSocket[] {
    return this.ctx
      .getWebSockets(tag)
      .filter(({ readyState }) => readyState === WebSocket.READY_STATE_OPEN);
  }

  #makeRoom(binding: string): void {
    const openedAtMs = (socket: WebSocket): number =>
      (socket.deserializeAttachment() as Attachment | null)?.openedAtMs ?? 0;
    const oldestFirst = this.#open(binding).sort((a, b) => openedAtMs(a) - openedAtMs(b));
    const surplus = oldestFirst.length + 1 - SOCKETS_PER_SHOPPER_MAX;
    for (const socket of oldestFirst.slice(0, Math.max(surplus, 0)))
      socket.close(CLOSE_POLICY, "Too many sockets of one shopper.");
  }

  async #left(): Promise<void> {
    this.#sockets -= 1;
    if (this.#sockets > 0) return;
    this.#sockets = this.#open().length;
    // With nobody to tell, nothing waits: the parked call comes back and is not made again.
    if (this.#sockets === 0) await this.#watch.end();
  }

  /** Sees to it that news come, now and after a loss, while anybody is connected. */
  #keepWatch(): void {
    if (this.#sockets === 0) return;
    this.#clock.armBy(this.#runtime.now() + WATCHDOG_MS);
    this.#watch.begin();
  }

  #heard(board: Board, isNews: boolean): boolean {
    if (isNews) this.#tell(board);
    this.#sockets = this.#open().length;
    return this.#sockets > 0;
  }

  #tell(board: Board): void {
    this.#calls.count("told");
    const text = this.#textOf(board);
    for (const socket of this.#open()) {
      socket.send(text);
      // An ended sale has no more news.
      if (board.state === "ended") socket.close(CLOSE_DONE, "The sale has ended.");
    }
  }

  #textOf(board: Board): string {
    return JSON.stringify(liveMessage(board, this.#runtime.now()));
  }
}

function refusal(why: Refusal): Response {
  return Response.json(why, { status: 403 });
}
