import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { bindings, rowsOf, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";
import { LiveTokenStore } from "./live-token-store.ts";

const TOKEN_MS = 30 * SECOND_MS;

const shard = () => bindings.LIVE_BOARD.getByName(`${uniqueName("drop")}/weur/0`);

describe("a token", () => {
  it("opens one socket however many were used in its second, in rows of a hundred", async () => {
    const object = shard();
    const answers = await runInDurableObject(object, (_, { storage }) => {
      const use = (nonce: number, store: LiveTokenStore) =>
        store.use(`n${nonce}`, NOON_MS + TOKEN_MS, NOON_MS).ok;
      const store = new LiveTokenStore(storage);
      const first = Array.from({ length: 250 }, (_, nonce) => use(nonce, store));
      const woken = new LiveTokenStore(storage);
      const again = Array.from({ length: 250 }, (_, nonce) => use(nonce, woken));
      return { first: first.filter(Boolean).length, again: again.filter(Boolean).length };
    });
    expect(answers).toEqual({ first: 250, again: 0 });
    const parts =
      "SELECT length(nonces) - length(replace(nonces, ' ', '')) + 1 AS count FROM used_together";
    expect(await rowsOf(object, parts)).toEqual([{ count: 100 }, { count: 100 }, { count: 50 }]);
  });

  it("that was used under the version before is used", async () => {
    const object = shard();
    const answer = await runInDurableObject(object, (_, { storage }) => {
      storage.sql.exec(
        `DROP TABLE used_together; DELETE FROM migration WHERE version = 2;
         CREATE TABLE used (expires_at_ms INTEGER NOT NULL, nonce TEXT NOT NULL,
           PRIMARY KEY (expires_at_ms, nonce)) STRICT, WITHOUT ROWID;
         INSERT INTO used (expires_at_ms, nonce) VALUES (${NOON_MS + TOKEN_MS - 1}, 'before'), (${NOON_MS + TOKEN_MS}, 'then');`,
      );
      const store = new LiveTokenStore(storage);
      return ["before", "then", "now"].map(
        (nonce) => store.use(nonce, NOON_MS + TOKEN_MS, NOON_MS).ok,
      );
    });
    expect(answer).toEqual([false, false, true]);
  });
});
