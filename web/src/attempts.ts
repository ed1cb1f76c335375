/**
 * Attempts at something that must happen at most once. Each has one idempotency key from the first
 * click until the server answers, kept across reloads: a lost answer is asked for again, not repeated.
 */
import { backoffMs, spreadMs } from "./backoff.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";
import { forget, isObject, isText, load, save, type Shape } from "./storage.ts";

const KEY_BYTES = 16;
/** Tries before the shopper is asked whether to go on: about a minute at the usual delays. */
const TRIES_MAX = 8;

/** A started attempt: the key and the body that belong together. */
export interface Attempt<Body> {
  readonly key: string;
  readonly body: Body;
}

/** One kind of thing that is attempted. */
export interface AttemptKind<Body, Answer> {
  /** What the key belongs to, such as one order's checkout; no two attempts run in one scope. */
  readonly scope: string;
  readonly isBody: Shape<Body>;
  readonly ask: (attempt: Attempt<Body>) => Promise<Answer>;
  /** Keeps what the answer means, before the key is let go. */
  readonly settle: (answer: Answer) => void;
}

function newKey(): string {
  // getRandomValues, since randomUUID is missing where the page is not served over HTTPS.
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The attempt of a kind that was started and has no answer yet, or null. */
export function openAttempt<Body>({
  scope,
  isBody,
}: Pick<AttemptKind<Body, never>, "scope" | "isBody">): Attempt<Body> | null {
  return load(
    `attempt.${scope}`,
    (value): value is Attempt<Body> =>
      isObject(value) && isText(value["key"]) && isBody(value["body"]),
  );
}

/** What happens between two tries: how long the wait is, and why. */
export type RetryNotice = (waitMs: number, error: ApiProblem | NoAnswer) => void;

/**
 * Makes an attempt, or goes on with the one that has no answer yet (then `body` is ignored: the key
 * belongs to what was asked first). Overload and lost answers are tried again with the same key.
 * @throws ApiProblem when refused; NoAnswer or a passing ApiProblem after the last try, the attempt
 * then stays open
 */
export async function makeAttempt<Body, Answer>(
  kind: AttemptKind<Body, Answer>,
  body: Body,
  onRetry: RetryNotice,
): Promise<Answer> {
  const attempt = openAttempt<Body>(kind) ?? { key: newKey(), body };
  const record = `attempt.${kind.scope}`;
  save(record, attempt);
  try {
    const answer = await untilAnswered(() => kind.ask(attempt), onRetry);
    // First what the answer means is kept, then the key is let go: a crash between repeats the key.
    kind.settle(answer);
    forget(record);
    return answer;
  } catch (error) {
    if (error instanceof ApiProblem && !error.passesSoon) {
      forget(record);
    }
    throw error;
  }
}

/**
 * Repeats a call that is safe to repeat until it is answered or refused, waiting as told or backing
 * off, at most `TRIES_MAX` times.
 * @throws ApiProblem | NoAnswer
 */
export async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  onRetry: RetryNotice,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      const passing =
        error instanceof NoAnswer || (error instanceof ApiProblem && error.passesSoon);
      if (!passing || tries >= TRIES_MAX) {
        throw error;
      }
      const waitMs = retryDelayMs(error, tries);
      onRetry(waitMs, error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** How long to wait after an error: as the server told, else longer with every failure. */
export function retryDelayMs(error: unknown, failures: number): number {
  const random = Math.random();
  return error instanceof ApiProblem && error.retryAfterSeconds !== null
    ? spreadMs(error.retryAfterSeconds * 1_000, random)
    : backoffMs(failures, random);
}
