import { describe, expect, it } from "vitest";
import { control, queueSettings } from "../../test/system/support/samples.ts";
import { initialControls } from "../queue/settings.ts";
import { newShuffle } from "../queue/shuffle.ts";
import { entryText, readEntry } from "./leaf.ts";
import { controlNews, leadNews, logTerms } from "./terms.ts";

describe("an entry", () => {
  it("is one JSON object: the sale, the kind, when, and what is told", () => {
    const text = entryText("dröp", 5, { kind: "over", number: 7, how: "left" });
    expect(text).toBe('{"sale":"dröp","kind":"over","atMs":5,"number":7,"how":"left"}');
    expect(readEntry(text)).toEqual({
      sale: "dröp",
      kind: "over",
      atMs: 5,
      number: 7,
      how: "left",
    });
  });
});

describe("the terms of a sale", () => {
  const randomness = { source: "drand", round: "9" };

  it("tell no seed and no lanes, and of a draw its seed's hash", () => {
    const queue = queueSettings({ shuffleAtStart: true, publicRandomness: randomness });
    const shuffle = newShuffle(queue, "secret");
    const terms = logTerms(queue, control(), shuffle);
    expect(terms).toMatchObject({
      mode: "open",
      seedHash: shuffle?.seedHash,
      drawsMax: 1,
      publicRandomness: randomness,
      newUsersPerMinute: queue.newUsersPerMinute,
    });
    expect(terms).not.toHaveProperty("lanes");
    expect(JSON.stringify(terms)).not.toContain("secret");
  });

  it("tell of no draw where there is none", () => {
    const terms = logTerms(queueSettings({ publicRandomness: randomness }), control(), null);
    expect(terms).toMatchObject({ seedHash: null, drawsMax: 0, publicRandomness: null });
  });
});

describe("a change by a person", () => {
  it("of the control is told by what decides who is let in", () => {
    const before = control();
    expect(controlNews(before, { ...before, mode: "paused", version: 2 })).toEqual({
      kind: "controlled",
      mode: "paused",
      startsAtMs: before.startsAtMs,
      endsAtMs: before.endsAtMs,
    });
    expect(controlNews(before, { ...before, endsAtMs: before.endsAtMs + 1 })).not.toBeNull();
    expect(controlNews(before, { ...before, startsAtMs: before.startsAtMs - 1 })).not.toBeNull();
    expect(controlNews(before, { ...before, revoked: [1], version: 2 })).toBeNull();
  });

  it("of the lead is told whole, and a message is no part of it", () => {
    const before = initialControls(queueSettings());
    expect(leadNews(before, { ...before, queueAll: true, message: "Soon" })).toEqual({
      kind: "led",
      controls: {
        newUsersPerMinute: before.newUsersPerMinute,
        totalActiveUsers: before.totalActiveUsers,
        sessionDurationSeconds: before.sessionDurationSeconds,
        disableSessionRenewal: before.disableSessionRenewal,
        queueAll: true,
        suspended: false,
        draining: false,
      },
    });
    expect(leadNews(before, { ...before, message: "Soon" })).toBeNull();
  });
});
