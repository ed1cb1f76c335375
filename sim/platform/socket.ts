import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { copied } from "./copy.ts";
import type { Caller, Network, Settled } from "./network.ts";

/*
 * Sockets that outlive their object's hibernation, and break when it goes under
 * (developers.cloudflare.com/durable-objects/best-practices/websockets, workerd's `io/hibernation-manager.c++`).
 */

/** A frame takes this long one way, in microseconds; a late one up to the second bound. */
const LATENCY_MIN_US = 200;
const LATENCY_MAX_US = 20_000;
const LATE_MAX_US = 10_000_000;
/** A client learns of a connection that is lost within the first bound, or never; an object within the second. */
const CLIENT_NOTICES_MAX_US = 1_000_000;
const OBJECT_NOTICES_MAX_US = 30_000_000;
/** Whose handshake did not reach the client is lost after this. */
const CONNECT_MAX_US = 15_000_000;
/** An object that only holds sockets leaves memory after up to this: the platform waits for ten seconds. */
const IDLE_MAX_US = 1_000_000;

/** What `readyState` says. */
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** Close codes (RFC 6455, section 7.4.1): left, and lost without a word. */
const GOING_AWAY = 1001;
const ABNORMAL = 1006;

/** What a client hears of its socket. */
export interface SocketListener {
  message(text: string): void;
  closed(code: number): void;
}

/** What sockets need of the object that holds them. */
export interface SocketHost {
  readonly node: string;
  readonly kernel: Kernel;
  /** Lets something go when everything written before is durable. */
  release(send: () => void): void;
  /** Runs a handler that nobody waits for, waking the object if need be. */
  handle(method: string, args: unknown[]): void;
  /** Leaves memory, if nothing is under way. */
  hibernate(): void;
}

type Frame = { text: string } | { code: number };

/** The object's end, as its code has it. */
export class ServerSocket {
  readyState = OPEN;
  wire: Wire | null = null;
  readonly peer: ClientSocket;
  #attachment: unknown = null;

  constructor(peer: ClientSocket) {
    this.peer = peer;
  }

  send(text: string): void {
    if (this.readyState !== OPEN) throw new TypeError("Can't call WebSocket send() after close().");
    this.wire?.toClient({ text });
  }

  close(code: number): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.wire?.toClient({ code });
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = copied(value);
  }

  deserializeAttachment(): unknown {
    return copied(this.#attachment);
  }
}

/** The client's end. */
export class ClientSocket {
  wire: Wire | null = null;

  /** Takes the socket that an answer has brought by way of an edge. */
  connect(network: Network, way: readonly string[], listener: SocketListener): void {
    this.wire?.connect(network, way, listener);
  }

  send(text: string): void {
    this.wire?.toServer({ text });
  }

  close(): void {
    this.wire?.toServer({ code: GOING_AWAY });
  }

  /** Somebody on the way goes under. */
  cut(): void {
    this.wire?.break("on its way");
  }

  /** The history names it. */
  toJSON(): string {
    return this.wire?.name ?? "no socket";
  }
}

/** The global class by which objects make both ends. */
class SocketPair {
  readonly 0 = new ClientSocket();
  readonly 1 = new ServerSocket(this[0]);
}

/** One connection: frames in their order, as TCP brings them, until it breaks. */
class Wire {
  readonly name: string;
  readonly #sockets: Sockets;
  readonly #server: ServerSocket;
  readonly #waiting: Frame[] = [];
  #way: { network: Network; nodes: readonly string[]; listener: SocketListener } | null = null;
  #isBroken = false;
  /** When the last frame of each way arrives: none overtakes it. */
  #clientAtUs = 0;
  #serverAtUs = 0;

  constructor(name: string, sockets: Sockets, server: ServerSocket) {
    this.name = name;
    this.#sockets = sockets;
    this.#server = server;
    this.#kernel.scheduler.schedule(CONNECT_MAX_US, () => {
      if (!this.#way) this.break("no client");
    });
  }

  connect(network: Network, nodes: readonly string[], listener: SocketListener): void {
    if (this.#isBroken) return listener.closed(ABNORMAL);
    this.#way = { network, nodes, listener };
    for (const frame of this.#waiting.splice(0)) this.#push(frame);
  }

  toClient(frame: Frame): void {
    this.#sockets.host.release(() => {
      if (this.#way) this.#push(frame);
      else this.#waiting.push(frame);
    });
  }

  toServer(frame: Frame): void {
    if (!this.#survives()) return;
    this.#serverAtUs = this.#arrivesAtUs(this.#serverAtUs);
    this.#schedule(this.#serverAtUs, () => this.#reached(frame));
  }

  /** The connection is lost; each side notices it in its time. */
  break(why: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { kernel, dice } = this.#sockets;
    kernel.note(`${this.name} is lost: ${why}`);
    const { listener } = this.#way ?? {};
    if (dice.chance(0.5))
      kernel.scheduler.schedule(dice.int(0, CLIENT_NOTICES_MAX_US), () =>
        listener?.closed(ABNORMAL),
      );
    kernel.scheduler.schedule(dice.int(0, OBJECT_NOTICES_MAX_US), () => this.#gone(ABNORMAL));
  }

  /** The object went under, and its sockets with it. */
  lost(): void {
    this.#server.readyState = CLOSED;
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { listener } = this.#way ?? {};
    const { kernel, dice } = this.#sockets;
    kernel.scheduler.schedule(dice.int(0, LATENCY_MAX_US), () => listener?.closed(ABNORMAL));
  }

  get #kernel(): Kernel {
    return this.#sockets.kernel;
  }

  #push(frame: Frame): void {
    if (!this.#survives()) return;
    this.#clientAtUs = this.#arrivesAtUs(this.#clientAtUs);
    this.#schedule(this.#clientAtUs, () => {
      this.#kernel.note(`${this.name} -> ${JSON.stringify(frame)}`);
      if ("text" in frame) return this.#way?.listener.message(frame.text);
      // The client answers a close frame with its own, and is done.
      this.toServer(frame);
      this.#way?.listener.closed(frame.code);
    });
  }

  /** A client's frame is there: what is answered by itself wakes nobody. */
  #reached(frame: Frame): void {
    this.#kernel.note(`${this.name} <- ${JSON.stringify(frame)}`);
    if ("code" in frame) {
      this.#isBroken = true;
      return this.#gone(frame.code);
    }
    const text = this.#sockets.automaticAnswer(frame.text);
    if (text !== null) return this.#push({ text });
    this.#sockets.host.handle("webSocketMessage", [this.#server, frame.text]);
  }

  /** The object learns that the socket is closed. */
  #gone(code: number): void {
    if (this.#server.readyState === CLOSED) return;
    this.#server.readyState = CLOSED;
    this.#sockets.drop(this.#server);
    const isError = code === ABNORMAL && this.#sockets.dice.chance(0.3);
    const { host } = this.#sockets;
    if (isError)
      host.handle("webSocketError", [this.#server, new Error("Network connection lost.")]);
    else host.handle("webSocketClose", [this.#server, code, "", code !== ABNORMAL]);
  }

  /** Whether a frame can go now; a connection that is cut or dropped is lost. */
  #survives(): boolean {
    if (this.#isBroken) return false;
    const { network, nodes } = this.#way ?? {};
    const isCut = nodes?.some((node, index) => {
      const before = nodes[index - 1] ?? node;
      // Both ways are needed: what is not acknowledged is lost, too.
      return network?.isCut(before, node) === true || network?.isCut(node, before) === true;
    });
    if (isCut === true) this.break("cut off");
    else if (this.#kernel.faults.happens("socket.dropped")) this.break("dropped");
    return !this.#isBroken;
  }

  #arrivesAtUs(afterUs: number): number {
    const { kernel, dice } = this.#sockets;
    const maxUs = kernel.faults.happens("socket.late") ? LATE_MAX_US : LATENCY_MAX_US;
    return Math.max(afterUs, kernel.scheduler.nowUs + dice.int(LATENCY_MIN_US, maxUs));
  }

  #schedule(atUs: number, run: () => void): void {
    const { scheduler } = this.#kernel;
    scheduler.schedule(atUs - scheduler.nowUs, () => {
      if (!this.#isBroken) run();
    });
  }
}

/** The sockets of one object. */
export class Sockets {
  readonly host: SocketHost;
  readonly kernel: Kernel;
  readonly dice: Dice;
  readonly #tags = new Map<ServerSocket, readonly string[]>();
  #answer: { request: string; response: string } | null = null;
  #count = 0;
  #looks = false;

  constructor(host: SocketHost) {
    this.host = host;
    this.kernel = host.kernel;
    this.dice = host.kernel.dice.fork(`sockets/${host.node}`);
  }

  /** What an object's `ctx` offers. */
  readonly context = {
    acceptWebSocket: (server: ServerSocket, tags: readonly string[] = []): void => {
      this.#tags.set(server, tags);
      this.#count += 1;
      const wire = new Wire(`${this.host.node}#${this.#count}`, this, server);
      server.wire = wire;
      server.peer.wire = wire;
      if (!this.#looks) this.#lookForRest();
    },
    getWebSockets: (tag?: string): ServerSocket[] =>
      [...this.#tags].flatMap(([server, tags]) =>
        tag === undefined || tags.includes(tag) ? [server] : [],
      ),
    setWebSocketAutoResponse: (pair: { request: string; response: string }): void => {
      this.#answer = pair;
    },
  };

  automaticAnswer(text: string): string | null {
    return this.#answer?.request === text ? this.#answer.response : null;
  }

  drop(server: ServerSocket): void {
    this.#tags.delete(server);
  }

  /** The object went under. */
  lost(): void {
    for (const { wire } of this.#tags.keys()) wire?.lost();
    this.#tags.clear();
  }

  #lookForRest(): void {
    this.#looks = this.#tags.size > 0;
    if (!this.#looks) return;
    this.kernel.scheduler.schedule(this.dice.int(IDLE_MAX_US / 10, IDLE_MAX_US), () => {
      this.host.hibernate();
      this.#lookForRest();
    });
  }
}

/** What an object answers to `fetch`: nothing of it waits for a stream. */
export class SimulatedResponse {
  readonly status: number;
  readonly text: string;
  readonly cacheControl: string;
  readonly webSocket: ClientSocket | null;

  constructor(
    text: string | null,
    init: {
      status?: number;
      headers?: { "Cache-Control"?: string };
      webSocket?: ClientSocket;
    } = {},
  ) {
    this.text = text ?? "";
    this.status = init.status ?? 200;
    this.cacheControl = init.headers?.["Cache-Control"] ?? "";
    this.webSocket = init.webSocket ?? null;
  }

  static json(body: unknown, init: { status: number }): SimulatedResponse {
    return new SimulatedResponse(JSON.stringify(body), init);
  }

  json(): Promise<unknown> {
    return Promise.resolve(JSON.parse(this.text));
  }
}

/** An object that is asked for a socket. */
export interface UpgradeHost {
  readonly node: string;
  fetch(url: string, answer: (settled: Settled) => void): void;
}

/** Asks an object for a socket, as `fetch` with an upgrade does. */
export async function upgrade(
  network: Network,
  caller: Caller,
  host: UpgradeHost,
  url: string,
): Promise<SimulatedResponse> {
  const answer = await network.exchange(caller, host.node, `${host.node}.fetch`, (answer) =>
    host.fetch(url, answer),
  );
  return answer as SimulatedResponse;
}

/** Makes the platform's own classes known to the product, in this thread. */
export function installSocketGlobals(): void {
  class Pair {
    readonly request: string;
    readonly response: string;

    constructor(request: string, response: string) {
      this.request = request;
      this.response = response;
    }
  }
  const globals = {
    Response: SimulatedResponse,
    WebSocket: { READY_STATE_OPEN: OPEN },
    WebSocketPair: SocketPair,
    WebSocketRequestResponsePair: Pair,
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
