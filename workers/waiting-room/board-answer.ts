import type { Board } from "../../domain/queue/board.ts";

/*
 * What the board's feed and its readers say to each other: HTTP, because the cache that stands between
 * them knows nothing else.
 */

/** How long the cache keeps a board, in the smallest unit that it knows: readers go on to 1.5 s. */
const KEEP_SECONDS = 1;
/** A board that is older than this when it is answered is not kept: the way took too long. */
const KEEP_MAX_AGE_MS = 250;
/** `must-revalidate`: never kept longer, not even while the sequencer does not answer (RFC 9111). */
const KEEP = `public, max-age=${KEEP_SECONDS}, must-revalidate`;
const KEEP_NOT = "no-store";

/** An error of the runtime, with what decides whether a call is made again. */
interface Failure {
  message: string;
  overloaded?: boolean | undefined;
  retryable?: boolean | undefined;
  durableObjectReset?: boolean | undefined;
}

/** Where the feed has a sale's board: path and host are all that the cache tells answers apart by. */
export function boardUrl(saleId: string): string {
  return `https://board-feed/${encodeURIComponent(saleId)}`;
}

/** Whose board is asked for. */
export function saleIdOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/**
 * Makes the feed's answer: 200 with the board; 404 where there is no such sale; 503 with the error when
 * the board cannot be read. Nothing but a fresh board may be kept.
 */
export async function answerBoard(
  read: () => PromiseLike<Board | null>,
  now: () => number,
): Promise<Response> {
  try {
    const board = await read();
    if (!board) return answer(null, 404, KEEP_NOT);
    return answer(board, 200, now() - board.asOfMs <= KEEP_MAX_AGE_MS ? KEEP : KEEP_NOT);
  } catch (error) {
    const { overloaded, retryable, durableObjectReset } = error as Failure;
    const message = error instanceof Error ? error.message : String(error);
    const failure: Failure = { message, overloaded, retryable, durableObjectReset };
    return answer(failure, 503, KEEP_NOT);
  }
}

function answer(body: unknown, status: number, cacheControl: string): Response {
  return Response.json(body, { status, headers: { "Cache-Control": cacheControl } });
}

/**
 * Reads the feed's answer.
 *
 * @throws Error as the feed met it, or one that may pass when something on the way answered instead.
 */
export async function readBoardAnswer(response: Response): Promise<Board | null> {
  const { status } = response;
  if (status === 200) return response.json<Board>();
  if (status === 404) return null;
  const failure = status === 503 ? await response.json<Failure>().catch(() => null) : null;
  if (failure) throw Object.assign(new Error(failure.message), failure);
  throw Object.assign(new Error(`The board's feed answered ${status}.`), { retryable: true });
}
