/** What the runtime puts on errors of calls to objects; local ones come without. */
interface RuntimeFlags {
  overloaded?: boolean;
  retryable?: boolean;
  durableObjectReset?: boolean;
}

/** How the runtime words that an object, or the way to it, was lost. */
const RESET_MESSAGE = /Durable Object.*\breset\b|\bbroken\.|Network connection lost/i;

function flagsOf(error: unknown): RuntimeFlags {
  return typeof error === "object" && error !== null ? error : {};
}

/** Whether the object was lost under the call: it may have been applied or not. */
export function isObjectReset(error: unknown): boolean {
  if (flagsOf(error).durableObjectReset === true) return true;
  return error instanceof Error && RESET_MESSAGE.test(error.message);
}

/**
 * How D1 words that it is busy or was restarted; the flags of errors do not come through a call to a Worker
 * (https://developers.cloudflare.com/d1/observability/debug-d1/#error-list).
 */
const DATABASE_BUSY_MESSAGE = /D1_ERROR.*(SQLITE_BUSY|overloaded|\breset\b)|D1 DB is overloaded/i;

/** Whether the same call may well succeed in a moment. */
export function isPassing(error: unknown): boolean {
  const { overloaded, retryable } = flagsOf(error);
  if (overloaded === true || retryable === true || isObjectReset(error)) return true;
  return error instanceof Error && DATABASE_BUSY_MESSAGE.test(error.message);
}

/**
 * Makes an idempotent call to an object. It is made once more when the object was lost under it,
 * never when the object is overloaded: that would be one more call too many. `call` has to take a
 * fresh stub each time, since a stub whose call failed may stay broken.
 */
export async function callObject<Answer extends PromiseLike<unknown>>(
  call: () => Answer,
): Promise<Awaited<Answer>> {
  try {
    return await call();
  } catch (error) {
    if (flagsOf(error).overloaded === true || !isObjectReset(error)) throw error;
    return await call();
  }
}
