import { describe, expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type TestLine } from "../test/system/support/lines.ts";
import { level, SECOND_MS } from "../test/system/support/samples.ts";
import type { QueueSettings } from "../domain/queue/settings.ts";

const clock = useTestClock();

const SESSION_MS = 300 * SECOND_MS;
const CLAIM_MS = 90 * SECOND_MS;

let grantedAtMs = 0;

/** A line of one lane in which ada has been let in. */
async function admitted(queue: Partial<QueueSettings> = {}): Promise<TestLine> {
  const line = await openLine({ queue: { lanes: 1, ...queue } });
  await line.join("ada");
  await line.tick();
  grantedAtMs = clock.now();
  expect(await line.claim("ada", 1)).toMatchObject({ state: "granted" });
  return line;
}

function renew(line: TestLine, expiresAtMs: number) {
  return line.laneOf("ada").renew("ada", 1, expiresAtMs);
}

describe("a session that slides", () => {
  it("is renewed in its second half, once for each end that its shopper knows", async () => {
    const line = await admitted();
    const endsAtMs = grantedAtMs + SESSION_MS;
    expect(await renew(line, endsAtMs)).toMatchObject({ expiresAtMs: endsAtMs });
    clock.advance(SESSION_MS / 2);
    const renewedUntilMs = clock.now() + SESSION_MS;
    const renewed = await renew(line, endsAtMs);
    expect(renewed).toMatchObject({ state: "granted", expiresAtMs: renewedUntilMs });
    clock.advance(SECOND_MS);
    expect(await renew(line, endsAtMs)).toEqual(renewed);
    expect(await line.claim("ada", 1)).toEqual(renewed);
    expect(await line.join("ada")).toMatchObject(renewed);
  });

  it("keeps the place inside until the new end", async () => {
    const line = await admitted();
    clock.advance(SESSION_MS - 1);
    await renew(line, clock.now() + 1);
    clock.advance(SESSION_MS - 1);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 1 });
    clock.advance(1);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 0 });
  });

  it("ends after six of its lengths, whatever its shopper does", async () => {
    const line = await admitted();
    let endsAtMs = grantedAtMs + SESSION_MS;
    for (let renewals = 0; renewals < 20; renewals++) {
      clock.advance(SESSION_MS / 2);
      endsAtMs = placed(await renew(line, endsAtMs)).expiresAtMs ?? 0;
    }
    expect(endsAtMs).toBe(grantedAtMs + 6 * SESSION_MS);
  });

  it("is not renewed for who has bought, left, or was sent away", async () => {
    for (const end of ["finish", "leave", "revoke"] as const) {
      const line = await admitted();
      const endsAtMs = clock.now() + SESSION_MS;
      if (end === "finish") await line.finish(1, 1);
      else if (end === "leave") await line.leave("ada", 1);
      else await line.sequencer.revoke(1);
      clock.advance(SESSION_MS - 1);
      const { expiresAtMs, state } = placed(await renew(line, endsAtMs));
      expect([state, expiresAtMs]).toEqual([
        { finish: "granted", leave: "left", revoke: "revoked" }[end],
        endsAtMs,
      ]);
    }
  });

  it("is not one where sessions are fixed, also when an admin says so later", async () => {
    const line = await admitted();
    const endsAtMs = grantedAtMs + SESSION_MS;
    await line.sequencer.adjust({ disableSessionRenewal: true });
    clock.advance(SESSION_MS - 1);
    expect(await renew(line, endsAtMs)).toMatchObject({ expiresAtMs: endsAtMs });
  });
});

describe("who let the turn pass", () => {
  const again = (line: TestLine, mayRejoin: boolean) =>
    line.closeWindow(async () => line.laneOf("ada").join("ada", clock.now(), 1, false, mayRejoin));

  it.each([true, false])("comes back after a pass has expired: %s", async (mayRejoin) => {
    const line = await admitted();
    clock.advance(SESSION_MS);
    const place = placed(await again(line, mayRejoin));
    expect([place.first, place.number]).toEqual(mayRejoin ? [true, 2] : [false, 1]);
  });

  it.each([true, false])("comes back after an invitation has lapsed: %s", async (mayRejoin) => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    clock.advance(CLAIM_MS);
    await line.tick();
    expect(await line.claim("ada", 1)).toMatchObject({ state: "lapsed" });
    const place = placed(await again(line, mayRejoin));
    expect([place.first, place.number]).toEqual(mayRejoin ? [true, 2] : [false, 1]);
  });

  it("comes back after leaving, in any case, and not after being sent away", async () => {
    const line = await admitted();
    await line.leave("ada", 1);
    expect(placed(await again(line, false))).toMatchObject({ first: true, number: 2 });
    await line.sequencer.revoke(2);
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.claim("ada", 2)).toMatchObject({ state: "revoked" });
    expect(placed(await again(line, true))).toMatchObject({ state: "revoked", number: 2 });
  });

  it.each([
    ["a pass that has expired", "granted"],
    ["an invitation that has lapsed", "lapsed"],
    ["a place that was taken back", "revoked"],
  ] as const)(
    "does not come back by leaving %s, of which the lane has not heard",
    async (_, state) => {
      const line = state === "granted" ? await admitted() : await openLine({ queue: { lanes: 1 } });
      if (state !== "granted") await line.join("ada");
      await line.tick();
      if (state === "revoked") await line.sequencer.revoke(1);
      else clock.advance(state === "granted" ? SESSION_MS : CLAIM_MS);
      await line.tick();
      expect(await line.leave("ada", 1)).toMatchObject({ state });
      expect(placed(await again(line, false))).toMatchObject({ first: false, number: 1, state });
      expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 0 });
    },
  );
});

describe("a checkout that is slow", () => {
  it("halves what goes in, and lets it recover", async () => {
    const line = await openLine({ queue: { newUsersPerMinute: 1_200 } });
    await line.number(1_000);
    const { saleId } = line;
    const stock = level(1_000);
    const report = (sequence: number, batchAgeMs: number) =>
      line.sequencer.report({
        saleId,
        sku: stock.sku,
        sequence,
        level: stock,
        finished: [],
        batchAgeMs,
      });
    const invitedIn = async (ticks: number): Promise<number> => {
      const before = (await line.counters()).cursor;
      for (let tick = 0; tick < ticks; tick++) {
        clock.advance(250);
        await line.tick();
      }
      return (await line.counters()).cursor - before;
    };
    const usual = await invitedIn(4);
    await report(1, 900);
    expect((await line.counters()).pace).toBeNull();
    await report(2, 1_100);
    await report(3, 1_100);
    const slowed = await invitedIn(4);
    expect(slowed).toBeLessThanOrEqual(usual * 0.6);
    for (let second = 0; second < 25; second++) await invitedIn(4);
    expect((await line.counters()).pace).toBeNull();
  });
});
