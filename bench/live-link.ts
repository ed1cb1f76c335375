import { Agent, type Dispatcher, WebSocket } from "undici";
import { type LiveBoard, isLiveBoard, parseBody } from "./contract.ts";
import type { Random } from "../domain/random.ts";
import type { SocketTold } from "./shopper-record.ts";

/** A page does not ask for its socket in the second in which everyone opens one. */
const FIRST_SPREAD_MS = 2000;
/** When all sockets are lost at once, they return over this time. */
const RETURN_SPREAD_MS = 5000;
/** After so many tries in a row that brought nothing, polls have to do. */
const FAILURES_MAX = 10;

/** Why a signal of news is given; without it each is given an error of its own. */
const NEWS = "news";

/** A socket that is open, or about to be. */
export interface OpenedSocket {
  close(): void;
}

/** What a socket has to say; `closed` also when it never opened. */
export interface SocketEvents {
  message: (text: string) => void;
  closed: () => void;
}

/** Opens a socket at this address. */
export type OpenSocket = (url: string, events: SocketEvents) => OpenedSocket;

/**
 * Offers no compression, though browsers do: thousands of decompressors in the driver's one thread would take longer
 * than the news (half a millisecond for each message).
 */
const uncompressed = new Agent().compose(
  (dispatch) => (options: Dispatcher.DispatchOptions, handler) => {
    const headers = Object.entries(options.headers ?? {}).filter(
      ([name]) => name !== "sec-websocket-extensions",
    );
    return dispatch({ ...options, headers: Object.fromEntries(headers) }, handler);
  },
);

/** Sockets of one shard bring the same text; these are the texts of a few seconds, of all shards. */
const TEXTS_KEPT_MAX = 256;
const boards = new Map<string, LiveBoard | null>();

/** The board in a text, which is parsed once for all who hear it. */
function boardIn(text: string): LiveBoard | null {
  const known = boards.get(text);
  if (known !== undefined) return known;
  const board = parseBody(text, isLiveBoard);
  if (boards.size >= TEXTS_KEPT_MAX) boards.clear();
  boards.set(text, board);
  return board;
}

/** Opens a real one. */
export const openWebSocket: OpenSocket = (url, { closed, message }) => {
  const socket = new WebSocket(url, { dispatcher: uncompressed });
  socket.addEventListener("message", ({ data }) => message(String(data)));
  socket.addEventListener("close", closed);
  return socket;
};

/** What a link needs. */
export interface LinkOptions {
  /** Asks for an address that is good once; null when that is refused. */
  address: () => Promise<string | null>;
  open: OpenSocket;
  random: Random;
  nowMs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Where the link writes how it fared. */
  told: SocketTold;
}

/** One shopper's socket, which comes, goes and comes back, as on the shop's pages. */
export class LiveLink {
  /** The newest board of the socket that lives; null while there is none. */
  board: LiveBoard | null = null;
  /** When that board was heard. */
  heardAtMs = 0;
  readonly #options: LinkOptions;
  readonly #end = new AbortController();
  #news = new AbortController();
  #error: unknown = null;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Is given at the next board, when the socket is lost, and when the link breaks. */
  get news(): AbortSignal {
    if (this.#news.signal.aborted) this.#news = new AbortController();
    return this.#news.signal;
  }

  /** Begins to keep a socket open. */
  start(): void {
    this.#keep().catch((error: unknown) => {
      this.#error = error;
      this.#news.abort(NEWS);
    });
  }

  /** Throws what broke the link for good, if anything did. */
  check(): void {
    if (this.#error !== null) throw this.#error;
  }

  /** The socket is not wanted any more. */
  end(): void {
    this.#end.abort();
  }

  async #keep(): Promise<void> {
    const { address, random, told } = this.#options;
    await this.#sleep(random() * FIRST_SPREAD_MS);
    for (let failures = 0; failures < FAILURES_MAX && !this.#isOver;) {
      const url = await address();
      if (this.#isOver) return;
      if (url === null) {
        told.refused += 1;
        return;
      }
      const hasLived = await this.#live(url);
      if (this.#isOver) return;
      if (hasLived) told.lost += 1;
      else told.refused += 1;
      failures = hasLived ? 0 : failures + 1;
      this.#news.abort(NEWS);
      await this.#sleep(random() * RETURN_SPREAD_MS);
    }
  }

  /** Opens a socket and takes what it brings until it closes; whether it brought anything. */
  async #live(url: string): Promise<boolean> {
    const { signal } = this.#end;
    let close = (): void => {};
    await new Promise<void>((resolve) => {
      const message = (text: string): void => this.#take(text);
      const socket = this.#options.open(url, { message, closed: resolve });
      close = () => socket.close();
      signal.addEventListener("abort", close);
    });
    signal.removeEventListener("abort", close);
    const hasLived = this.board !== null;
    this.board = null;
    return hasLived;
  }

  #take(text: string): void {
    const board = boardIn(text);
    if (board === null || this.#isOver) return;
    if (this.board !== null && board.version < this.board.version) return;
    if (this.board === null) this.#options.told.opened += 1;
    this.#options.told.boards += 1;
    this.board = board;
    this.heardAtMs = this.#options.nowMs();
    this.#news.abort(NEWS);
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted;
  }

  #sleep(ms: number): Promise<void> {
    return this.#options.sleep(ms, this.#end.signal);
  }
}
