import { describe, expect, it } from "vitest";
import type { Board } from "../../domain/queue/board.ts";
import { isPassing } from "../gateway/object-calls.ts";
import { NOON_MS, objectReset, overloaded, sampleBoard } from "../gateway/testing/fake-gateway.ts";
import { answerBoard, boardUrl, readBoardAnswer, saleIdOf } from "./board-answer.ts";

/** The feed's answer at noon. */
function answerOf(board: Board | null | Error): Promise<Response> {
  const read = async (): Promise<Board | null> => {
    if (board instanceof Error) throw board;
    return board;
  };
  return answerBoard(read, () => NOON_MS);
}

async function errorOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => null,
    (error: unknown) => error,
  );
}

const cacheControl = (response: Response): string | null => response.headers.get("Cache-Control");

describe("the feed of a board", () => {
  it("brings the board as it is", async () => {
    const board = sampleBoard({ revoked: [3], flow: null });
    expect(await readBoardAnswer(await answerOf(board))).toEqual(board);
  });

  it("may be kept for a second while the board is fresh, and never beyond", async () => {
    const fresh = await answerOf(sampleBoard({ asOfMs: NOON_MS - 250 }));
    expect(cacheControl(fresh)).toBe("public, max-age=1, must-revalidate");
    const late = await answerOf(sampleBoard({ asOfMs: NOON_MS - 251 }));
    expect(cacheControl(late)).toBe("no-store");
  });

  it("may not be kept where it has no board", async () => {
    const unknown = await answerOf(null);
    expect([unknown.status, cacheControl(unknown)]).toEqual([404, "no-store"]);
    expect(await readBoardAnswer(unknown)).toBeNull();
    const failed = await answerOf(new Error("away"));
    expect([failed.status, cacheControl(failed)]).toEqual([503, "no-store"]);
  });

  it.each([
    ["a lost object", objectReset(), { durableObjectReset: true, retryable: true }],
    ["an object that is overloaded", overloaded(), { overloaded: true }],
  ])("hands on what it met: %s", async (_what, error, flags) => {
    const met = await errorOf(answerOf(error).then(readBoardAnswer));
    expect(met).toMatchObject({ message: error.message, ...flags });
    expect(isPassing(met)).toBe(true);
  });

  it("hands on a bug as one", async () => {
    const met = await errorOf(answerOf(new TypeError("of null")).then(readBoardAnswer));
    expect(met).toMatchObject({ message: "of null" });
    expect(isPassing(met)).toBe(false);
  });

  it.each([500, 503, 520])(
    "takes a %i that is not its own for something that passes",
    async (status) => {
      const met = await errorOf(readBoardAnswer(new Response("error code: 1101", { status })));
      expect(isPassing(met)).toBe(true);
    },
  );

  it("is asked by the sale's id, whatever is in it", () => {
    for (const saleId of ["drop", "spring/drop", "a?b#c %2F"])
      expect(saleIdOf(boardUrl(saleId))).toBe(saleId);
  });
});
