import { setTimeout as sleep } from "node:timers/promises";

/** Tries of one call: a shop that restarts or is busy answers within half a minute. */
const TRIES_MAX = 10;
/** The pause before another try, unless the shop asks for another one … */
const RETRY_MS = 1_000;
/** … and no longer than this. */
const RETRY_MAX_MS = 10_000;
/** A part of the books takes a shop seconds. */
const ANSWER_TIMEOUT_MS = 60_000;

/** A shop's admin API, under `/api/v1/admin`. */
export interface Shop {
  /**
   * The text of an answer.
   *
   * @throws ShopError when the shop refuses, or does not answer in the end.
   */
  read(path: string): Promise<string>;
  /** The same of what is sent a body: it has to be safe to be repeated. */
  post(path: string, body: object): Promise<string>;
}

/** What a shop answered instead of what it was asked for; the message says what to do. */
export class ShopError extends Error {
  override name = "ShopError";
}

/** The shop at an address. */
export function shopAt(url: string, adminToken: string, pauseMs = RETRY_MS): Shop {
  const call = async (path: string, body?: object): Promise<string> => {
    let problem = "";
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const answer = await ask(new URL(`/api/v1/admin${path}`, url), adminToken, body);
      if ("text" in answer) return answer.text;
      problem = answer.problem;
      if (!answer.isPassing) break;
      await sleep(Math.min(RETRY_MAX_MS, answer.retryAfterMs ?? pauseMs));
    }
    throw new ShopError(`${url} does not answer as it should: ${problem}`);
  };
  return { read: (path) => call(path), post: call };
}

type Answer =
  | { text: string }
  | { problem: string; isPassing: boolean; retryAfterMs: number | null };

async function ask(url: URL, adminToken: string, body?: object): Promise<Answer> {
  const authorization = `Bearer ${adminToken}`;
  try {
    const response = await fetch(url, {
      headers: body ? { authorization, "content-type": "application/json" } : { authorization },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return { text };
    const isPassing = response.status === 503 || response.status === 429;
    const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : null;
    const who =
      response.status === 401 || response.status === 403 ? " (is the admin token its own?)" : "";
    return {
      problem: `it answered ${response.status}${who}: ${text.slice(0, 500)}`,
      isPassing,
      retryAfterMs,
    };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { problem: String(cause), isPassing: true, retryAfterMs: null };
  }
}
