import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { laneName } from "../domain/queue/lane.ts";
import { Client } from "../test/support/client.ts";
import { bindings } from "../test/system/support/objects.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

/** A departure that was stored and whose message was lost: what a crash in between leaves behind. */
it("tells the sequencer of a departure from its alarm when the first message was lost", async () => {
  await client.sale("leaving", { queue: { lanes: 1, totalActiveUsers: 1 } });
  await client.admitted("leaving");
  const lane = bindings.QUEUE_LANE.getByName(laneName("leaving", 0));
  await runInDurableObject(lane, async (_, state) => {
    state.storage.sql.exec("UPDATE place SET state = 'left', untold = 1");
    // Far enough that it does not fire by itself.
    await state.storage.setAlarm(Date.now() + 600_000);
  });
  await runDurableObjectAlarm(lane);
  const stats = await bindings.QUEUE_SEQUENCER.getByName("leaving").stats();
  expect(stats?.line).toMatchObject({ inside: 0, insidePeak: 1 });
  const untold = await runInDurableObject(lane, (_, state) =>
    state.storage.sql.exec("SELECT 1 FROM place WHERE untold = 1").toArray(),
  );
  expect(untold).toEqual([]);
});
