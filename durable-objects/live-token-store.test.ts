import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { StorageMeter } from "../bench/growth/storage-meter.ts";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";
import { LiveTokenStore } from "./live-token-store.ts";

const TOKEN_MS = 30 * SECOND_MS;

const shard = () => bindings.LIVE_BOARD.getByName(`${uniqueName("drop")}/weur/0`);

describe("a token", () => {
  it("opens one socket, however many were used in its second, for one row written and one deleted", async () => {
    const seen = await runInDurableObject(shard(), async (_, { storage }) => {
      const store = new LiveTokenStore(storage);
      const meter = new StorageMeter(storage);
      const useAll = () =>
        Array.from(
          { length: 250 },
          (_, nonce) => store.use(`n${nonce}`, NOON_MS + TOKEN_MS - nonce, NOON_MS).ok,
        );
      const rowsOf = async (run: () => void) =>
        (await meter.measure(() => Promise.resolve(run()))).rowsWritten;
      const answers: boolean[] = [];
      const used = await rowsOf(() => answers.push(...useAll()));
      const again = useAll().filter(Boolean).length;
      const forgotten = await rowsOf(() => store.sweep(NOON_MS + TOKEN_MS));
      return { first: answers.filter(Boolean).length, again, used, forgotten };
    });
    expect(seen).toEqual({ first: 250, again: 0, used: 1, forgotten: 1 });
  });

  it("opens none in an object that woke since others of its second were used, one of another second does", async () => {
    const answers = await runInDurableObject(shard(), (_, { storage }) => {
      const use = (store: LiveTokenStore, nonce: string, lateMs = 0) =>
        store.use(nonce, NOON_MS + TOKEN_MS + lateMs, NOON_MS).ok;
      const before = new LiveTokenStore(storage);
      const asleep = [use(before, "used"), use(before, "other", -SECOND_MS)];
      const woken = new LiveTokenStore(storage);
      const late = [1, SECOND_MS, SECOND_MS + 1].map((lateMs) =>
        use(woken, `at ${lateMs}`, lateMs),
      );
      return { asleep, awake: ["used", "new"].map((nonce) => use(woken, nonce)), late };
    });
    expect(answers).toEqual({
      asleep: [true, true],
      awake: [false, false],
      late: [true, true, true],
    });
  });

  it("that was used under the version before is used", async () => {
    const answer = await runInDurableObject(shard(), (_, { storage }) => {
      storage.sql.exec(
        `INSERT INTO used_together (second, part, nonces)
         VALUES (${(NOON_MS + TOKEN_MS) / SECOND_MS}, 0, 'before then'), (${(NOON_MS + TOKEN_MS) / SECOND_MS}, 1, 'last')`,
      );
      const store = new LiveTokenStore(storage);
      return ["before", "then", "last"].map(
        (nonce) => store.use(nonce, NOON_MS + TOKEN_MS - 1, NOON_MS).ok,
      );
    });
    expect(answer).toEqual([false, false, false]);
  });
});
