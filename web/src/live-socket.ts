/** Keeps a socket to the shop open while it is wanted, and comes back, spread out, when it is lost. */
import { backoffMs } from "./backoff.ts";
import type { LiveMessage } from "./contract.ts";
import { ApiProblem } from "./problem.ts";
import { isObject } from "./storage.ts";

/** A crowd that comes with the opening does not ask for its sockets in the same second. */
const FIRST_SPREAD_MS = 2_000;
/** When the shop is deployed anew all sockets are lost at once: they return over this time. */
const RETURN_SPREAD_MS = 5_000;
/** Networks drop quiet connections after half a minute or more. */
const PING_EVERY_MS = 25_000;
/** A socket that answers a ping later than this is dead. */
const PONG_WITHIN_MS = 10_000;

/** A socket that comes and goes. */
export interface LiveSocket {
  /** Says whether a socket is wanted; to be called as often as is convenient. */
  want(isWanted: boolean): void;
  /** What was brought last; null while there is no socket that lives. */
  board(): LiveMessage | null;
}

/** What a socket needs and whom it tells. */
export interface LiveOptions {
  /** Asks for an address that is good once. */
  readonly address: () => Promise<string>;
  readonly heard: (board: LiveMessage) => void;
  /** The socket does not live any more, for now. */
  readonly lost: () => void;
}

/** Reads a message; null for what this page does not know. */
function readMessage(data: unknown): LiveMessage | null {
  if (typeof data !== "string") {
    return null;
  }
  try {
    const message: unknown = JSON.parse(data);
    return isObject(message) && message["type"] === "board"
      ? (message as unknown as LiveMessage)
      : null;
  } catch {
    return null;
  }
}

/** Makes a socket that is not wanted yet. */
export function createLiveSocket({ address, heard, lost }: LiveOptions): LiveSocket {
  let isWanted = false;
  let socket: WebSocket | null = null;
  let board: LiveMessage | null = null;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts tries and ends: what belongs to an earlier one is out of date. */
  let turn = 0;

  const plan = (run: () => void, delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  };

  const drop = (): void => {
    turn += 1;
    clearTimeout(timer);
    socket?.close();
    socket = null;
    const wasLive = board !== null;
    board = null;
    if (wasLive) {
      lost();
    }
  };

  const fail = (): void => {
    drop();
    failures += 1;
    const delayMs = backoffMs(failures, Math.random()) + Math.random() * RETURN_SPREAD_MS;
    plan(() => void connect(), delayMs);
  };

  const ping = (): void => {
    socket?.send("ping");
    plan(fail, PONG_WITHIN_MS);
  };

  const take = (data: unknown): void => {
    failures = 0;
    plan(ping, PING_EVERY_MS);
    const message = readMessage(data);
    const isOlder = message !== null && board !== null && message.version < board.version;
    if (message !== null && !isOlder) {
      board = message;
      heard(message);
    }
  };

  const connect = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    const isMine = (): boolean => mine === turn;
    try {
      const url = await address();
      if (!isMine()) {
        return;
      }
      const opened = new WebSocket(url);
      socket = opened;
      plan(fail, PONG_WITHIN_MS);
      opened.addEventListener("message", ({ data }) => isMine() && take(data));
      opened.addEventListener("close", () => isMine() && fail());
    } catch (error) {
      // A refusal stays one; without an answer it is tried again.
      const isRefused = error instanceof ApiProblem && !error.passesSoon;
      if (isMine() && !isRefused) {
        fail();
      }
    }
  };

  return {
    want(wanted) {
      if (wanted === isWanted) {
        return;
      }
      isWanted = wanted;
      if (wanted) {
        failures = 0;
        plan(() => void connect(), Math.random() * FIRST_SPREAD_MS);
      } else {
        drop();
      }
    },
    board: () => board,
  };
}
