import { afterAll, beforeAll, expect, it } from "vitest";
import { played, type Played } from "./testing/played.ts";
import { verifyLog } from "./verify.ts";

const PLACES = 100_000;
const PLAY_MAX_MS = 120_000;
/** Of the processor's time, since others may use it as well: it takes two to three. */
const VERIFY_MAX_SECONDS = 10;

let sale: Played;

beforeAll(async () => {
  sale = await played({
    shoppers: PLACES,
    seconds: 30,
    queue: {
      totalActiveUsers: 20_000,
      newUsersPerMinute: 600_000,
      claimSeconds: 30,
      sessionDurationSeconds: 10,
    },
  });
}, PLAY_MAX_MS);

afterAll(() => sale.remove());

it("an honest sale of 100,000 places is accepted, in seconds", () => {
  const before = process.cpuUsage();
  const { findings, rules, tiles } = verifyLog(
    sale.copy,
    [],
    [...sale.checkpoints, ...sale.receipts],
  );
  expect(findings).toEqual([]);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(VERIFY_MAX_SECONDS);
  expect(rules.joins.count).toBeGreaterThan(PLACES);
  expect(rules.cursor.invited).toBe(rules.joins.count);
  // Every 20th never comes.
  expect(rules.cursor.lapsed).toBe(PLACES / 20);
  expect(rules.admissions.granted).toBe(rules.joins.count - rules.cursor.lapsed);
  expect(tiles).toBeGreaterThan(1_000);
});
