import { type Dispatcher, Pool } from "undici";
import type { CallFaults } from "./call-faults.ts";
import type { Clock } from "./clock.ts";
import { isProblem, parseBody, type Problem } from "./contract.ts";
import type { CallKind, Meter } from "./meter.ts";
import { send, type Sent } from "./send.ts";
import type { Random } from "../domain/random.ts";

/**
 * A try without an answer for this long is given up and sent again. A server that does what it can takes half of it
 * for some: sent again these are work twice, which makes it later still.
 */
const ANSWER_TIMEOUT_MS = 60_000;
/** First pause after a lost connection; doubles from there. */
const BACKOFF_FIRST_MS = 50;
/** Longest pause between tries, so that a restarted server is found soon. */
const BACKOFF_LONGEST_MS = 2000;
/** A server may ask for more patience than a flood has; this is as long as it gets. */
const RETRY_AFTER_LONGEST_MS = 30_000;
/** How long one call is tried before it is given up: covers a restart with room to spare. */
const OUTAGE_LONGEST_MS = 180_000;
/** Tries of one call, whatever happens: the outage bound divided by a short pause. */
const TRIES_MAX = 1000;
/** A 5xx that the contract does not know is tried again this often before it is believed. */
const SERVER_ERROR_TRIES_MAX = 5;
/** Beyond this many doublings the pause is at its longest anyway. */
const DOUBLINGS_MAX = 10;

/**
 * Whose connections a call goes by: of those who arrive, of those who wait, of those inside. In one pool whoever
 * waits or is inside would queue in this process behind thousands who arrive, which no browser does.
 */
type Part = "arrivals" | "waiting" | "inside";

/**
 * A busy server gives each part a share by its connections. With as many for those inside as for those who arrive,
 * units went as fast as people came, and there was no line.
 */
const ARRIVALS_SHARE = 2;

/** Calls that go to a second edge where there is one: they ask nothing of the line. */
const AT_SECOND_EDGE: ReadonlySet<CallKind> = new Set([
  "guest",
  "purchase",
  "checkout",
  "bank",
  "order poll",
  "cancel",
  "messages",
]);

const PART_OF: Partial<Record<CallKind, Part>> = {
  guest: "arrivals",
  join: "arrivals",
  "live address": "waiting",
  "waiting poll": "waiting",
  "figures poll": "waiting",
};

/** The run's time is over: the call was not made, or not tried again. */
export class TimeOver extends Error {
  override name = "TimeOver";
}

/** The call was tried until its bound and never answered for good. */
export class GaveUp extends Error {
  override name = "GaveUp";
}

/** An answer that the contract does not allow at this point. */
export class UnexpectedAnswer extends Error {
  override name = "UnexpectedAnswer";

  constructor(kind: CallKind, answer: Answer) {
    const code = answer.status < 400 ? "" : ` ${problemOf(answer).code ?? "without a code"}`;
    super(`${kind} was answered ${answer.status}${code}, which the contract does not allow here`);
  }
}

/** One HTTP call; `path` begins behind the origin. */
export interface Call {
  kind: CallKind;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  headers: Record<string, string>;
  /** JSON text. */
  body?: string;
}

/** The answer of the last try. Times are the clock's milliseconds. */
export interface Answer {
  status: number;
  text: string;
  /** What the `Retry-After` header asks for; 0 when there is none. */
  retryAfterSeconds: number;
  /** Just before the first try was handed to the connection pool. */
  firstSentAtMs: number;
  /** Just after the last byte of the answer was read. */
  answeredAtMs: number;
}

/** What a `Caller` needs. */
export interface CallerOptions {
  origin: string;
  /** Origin of a second edge; left out, all goes to the first. */
  secondEdge?: string | null;
  /** Connections kept open at most: twice as many for those who arrive, half of it each for those who wait and those inside. */
  connections: number;
  clock: Clock;
  random: Random;
  meter: Meter;
  /** Sends the requests instead of a pool of its own; for tests. */
  dispatcher?: Dispatcher;
  /** The clock's time after which nothing is sent; `TimeOver` is thrown instead. */
  deadlineMs?: number;
  /** Harms tries on purpose. */
  faults?: CallFaults;
}

/** The problem in an answer; empty when the body is none. */
export function problemOf(answer: Answer): Problem {
  return parseBody(answer.text, isProblem) ?? {};
}

/** An edge, and the connections that are kept open to it. */
class Edge {
  readonly #origin: string;
  readonly #pools: Record<Part, Dispatcher>;

  constructor(origin: string, { connections, dispatcher }: CallerOptions) {
    this.#origin = origin;
    const pool = (connections: number): Dispatcher =>
      dispatcher ??
      new Pool(origin, {
        connections,
        pipelining: 1,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      });
    this.#pools = {
      arrivals: pool(connections * ARRIVALS_SHARE),
      waiting: pool(Math.ceil(connections / 2)),
      inside: pool(Math.ceil(connections / 2)),
    };
  }

  send(call: Call): Promise<Sent> {
    return send(this.#pools[PART_OF[call.kind] ?? "inside"], this.#origin, call);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.destroy()));
  }
}

/**
 * Sends calls over keep-alive pools, measures each try, and repeats a call unchanged (same key,
 * same body) while the connection is lost or the answer is 429 or 503.
 */
export class Caller {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly #first: Edge;
  readonly #second: Edge;
  readonly #random: Random;
  readonly #meter: Meter;
  readonly #faults: CallFaults | null;

  constructor(options: CallerOptions) {
    this.clock = options.clock;
    this.deadlineMs = options.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.#random = options.random;
    this.#meter = options.meter;
    this.#faults = options.faults ?? null;
    this.#first = new Edge(options.origin, options);
    const { secondEdge = null } = options;
    this.#second = secondEdge === null ? this.#first : new Edge(secondEdge, options);
  }

  /** Makes the call. Throws `TimeOver` or `GaveUp` when no final answer can be had. */
  async call(call: Call): Promise<Answer> {
    const firstSentAtMs = this.clock.nowMs();
    let serverErrors = 0;
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      if (this.clock.nowMs() >= this.deadlineMs) throw new TimeOver(`${call.kind}: time is over`);
      const answer = await this.#tryWithFaults(call, firstSentAtMs);
      if (answer !== null) {
        if (isServerError(answer.status)) serverErrors += 1;
        if (!isWorthRepeating(answer.status) || serverErrors >= SERVER_ERROR_TRIES_MAX) {
          return answer;
        }
      }
      const pauseMs = this.#pauseMs(tries, answer);
      if (this.clock.nowMs() + pauseMs - firstSentAtMs > OUTAGE_LONGEST_MS) break;
      await this.sleep(pauseMs);
    }
    throw new GaveUp(`${call.kind}: no final answer; is the system at this address still running?`);
  }

  /**
   * Sleeps, until the signal at most, but not beyond the deadline: then it throws `TimeOver`.
   */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const leftMs = this.deadlineMs - this.clock.nowMs();
    if (leftMs <= 0) throw new TimeOver("time is over");
    await this.clock.sleep(Math.min(ms, leftMs), signal);
  }

  /** Closes the pool; calls under way fail. */
  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  /** A try as it is, two at once, or one whose answer is thrown away. */
  async #tryWithFaults(call: Call, firstSentAtMs: number): Promise<Answer | null> {
    const fault = this.#faults?.next() ?? "none";
    const tries = Array.from({ length: fault === "doubled" ? 2 : 1 }, () =>
      this.#try(call, firstSentAtMs),
    );
    const [answer = null] = await Promise.all(tries);
    return fault === "lost" ? null : answer;
  }

  /** One try; null when the connection was lost, so that nobody knows what became of it. */
  async #try(call: Call, firstSentAtMs: number): Promise<Answer | null> {
    const sentAtMs = this.clock.nowMs();
    try {
      const edge = AT_SECOND_EDGE.has(call.kind) ? this.#second : this.#first;
      const { retryAfterSeconds, status, text } = await edge.send(call);
      const answeredAtMs = this.clock.nowMs();
      this.#meter.record(call.kind, answeredAtMs - sentAtMs, status, answeredAtMs);
      return { status, text, retryAfterSeconds, firstSentAtMs, answeredAtMs };
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      this.#meter.lostConnections += 1;
      return null;
    }
  }

  #pauseMs(tries: number, answer: Answer | null): number {
    const grownMs = BACKOFF_FIRST_MS * 2 ** Math.min(tries, DOUBLINGS_MAX);
    const backoffMs = Math.min(grownMs, BACKOFF_LONGEST_MS) * (0.5 + this.#random() / 2);
    if (answer === null) return backoffMs;
    const askedMs = answer.retryAfterSeconds * 1000;
    // Nobody comes back early, and not all at the same moment.
    return Math.max(
      backoffMs,
      Math.min(askedMs, RETRY_AFTER_LONGEST_MS) * (1 + this.#random() / 4),
    );
  }
}

function isServerError(status: number): boolean {
  return status >= 500 && status !== 503;
}

function isWorthRepeating(status: number): boolean {
  return status === 429 || status >= 500;
}

const LOST_CONNECTION_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A server that dies in mid-answer leaves half a response, which the parser reports by its own code.
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return LOST_CONNECTION_CODES.has(code) || code.startsWith("HPE_");
}
