import { describe, expect, it } from "vitest";
import { boardUrl, readBoardAnswer } from "../../workers/waiting-room/board-answer.ts";
import { useTestClock } from "./support/clock.ts";
import { openLine } from "./support/lines.ts";
import { bindings, rowsOf } from "./support/objects.ts";

useTestClock();

const ask = (saleId: string): Promise<Response> => bindings.BOARD_FEED.fetch(boardUrl(saleId));

describe("the feed of a board", () => {
  it("brings what the sequencer says, and lets it be kept for a second", async () => {
    const line = await openLine();
    const answer = await ask(line.saleId);
    expect(answer.headers.get("Cache-Control")).toBe("public, max-age=1, must-revalidate");
    expect(await readBoardAnswer(answer)).toEqual({ ...(await line.board()) });
  });

  it("lets nobody keep that there is no such sale", async () => {
    const answer = await ask("no-such-sale");
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([404, "no-store"]);
  });

  it("lets nobody keep that it cannot be read, and brings it once it can", async () => {
    const line = await openLine();
    await rowsOf(line.sequencer, "ALTER TABLE sale RENAME TO hidden");
    const failed = await ask(line.saleId);
    expect([failed.status, failed.headers.get("Cache-Control")]).toEqual([503, "no-store"]);
    await expect(readBoardAnswer(failed)).rejects.toThrow("no such table");
    await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO sale");
    expect((await ask(line.saleId)).status).toBe(200);
  });
});
