import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { QueueView, Sale, SaleQueueSettings } from "./contract.ts";
import { PlaceFlow } from "./place-flow.ts";
import { isAtItsLongest } from "./renewal.ts";
import { saleSession } from "./session.ts";
import { save } from "./storage.ts";
import { viewOf } from "./testing/queue-views.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);
const SESSION_SECONDS = 100;

/** What a poll carried, and when, in seconds after the start. */
interface Poll {
  readonly atSeconds: number;
  readonly bearer: string | null;
  readonly pass: string | null;
}

let frame: EventTarget;
let polls: Poll[];
let shopView: QueueView;
let needsTurn: boolean;
/** Whether the shop gives a new pass to who asks with the bearer. */
let renews: boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  vi.spyOn(Math, "random").mockReturnValue(0);
  frame = new EventTarget();
  polls = [];
  needsTurn = true;
  renews = true;
  shopView = inside("p1", SESSION_SECONDS);
  vi.stubGlobal("addEventListener", frame.addEventListener.bind(frame));
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  vi.stubGlobal("fetch", answer);
  save("guest", { accessToken: "g", expiresAtMs: START_MS + 86_400_000 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const seconds = (): number => (Date.now() - START_MS) / 1_000;

function inside(pass: string, untilSeconds: number): QueueView {
  const passExpiresAt = new Date(START_MS + untilSeconds * 1_000).toISOString();
  return viewOf({ state: "admitted", ahead: 0, pollAfterMs: 2_000, pass, passExpiresAt });
}

/** The shop: no sockets, and one view of the place. */
async function answer(path: string, init: RequestInit): Promise<Response> {
  if (path.endsWith("/live")) {
    const headers = { "Content-Type": "application/problem+json" };
    return new Response('{"status":404,"code":"not_found"}', { status: 404, headers });
  }
  const headers = new Headers(init.headers);
  const bearer = headers.get("Authorization");
  polls.push({ atSeconds: seconds(), bearer, pass: headers.get("Queue-Pass") });
  if (bearer !== null && renews) {
    shopView = inside(`p${polls.length}`, seconds() + SESSION_SECONDS);
  }
  return Response.json(shopView);
}

function flowOf(saleId: string, queue: SaleQueueSettings = {}): PlaceFlow {
  const sale = {
    saleId,
    queue: { sessionDurationSeconds: SESSION_SECONDS, disableSessionRenewal: false, ...queue },
  } as Sale;
  const flow = new PlaceFlow(sale, saleSession(saleId), {
    changed: () => undefined,
    status: () => null,
    heard: () => undefined,
    statusDue: () => undefined,
    needsTurn: () => needsTurn,
    failures: () => undefined,
    lost: () => undefined,
  });
  flow.join({ ...shopView, ticket: "t" });
  return flow;
}

const pass = async (untilSeconds: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(untilSeconds * 1_000 - (Date.now() - START_MS));
};
const press = (): boolean => frame.dispatchEvent(new Event("keydown"));
const askedAt = (): number[] =>
  polls.filter(({ bearer }) => bearer !== null).map(({ atSeconds }) => atSeconds);

describe("a turn gets longer", () => {
  test("when its shopper does something in the second half, and once for that", async () => {
    const flow = flowOf("late");
    await pass(60);
    expect(askedAt()).toEqual([]);
    press();
    await pass(61);
    expect(askedAt()).toEqual([60.25]);
    expect(flow.held.pass?.expiresAt).toBe("2026-11-22T12:02:40.250Z");
    await pass(130);
    expect(askedAt()).toHaveLength(1);
  });

  test("as soon as it can for who did something in the first half", async () => {
    flowOf("soon");
    await pass(10);
    press();
    await pass(50);
    expect(askedAt()).toEqual([]);
    await pass(51);
    expect(askedAt()).toEqual([50.5]);
  });

  test.each([
    ["nobody is at the page", {}, true, false],
    ["turns have one length", { disableSessionRenewal: true }, true, true],
    ["the shop says nothing about it", { disableSessionRenewal: undefined }, true, true],
    ["something is ordered", {}, false, true],
  ] as const)("not where %s", async (why, queue, isNeeded, isThere) => {
    needsTurn = isNeeded;
    flowOf(why, queue as SaleQueueSettings);
    await pass(60);
    if (isThere) {
      press();
    }
    await pass(99);
    expect(polls.length).toBeGreaterThan(30);
    expect(askedAt()).toEqual([]);
  });

  test("until the shop makes it no longer, which is asked for ever less often", async () => {
    renews = false;
    const flow = flowOf("full");
    for (let second = 1; second < 100; second++) {
      press();
      await pass(second);
    }
    expect(askedAt().length).toBeLessThan(9);
    expect(flow.held.pass?.pass).toBe("p1");
    expect(isAtItsLongest(flow.held.renewal)).toBe(true);
  });
});

test("a new place that is still to be drawn has nothing of the one before", () => {
  const flow = flowOf("again");
  expect(flow.held.pass?.pass).toBe("p1");
  flow.join(viewOf({ number: null, ahead: null, ticket: "t2" }));
  expect(flow.held.pass).toBeNull();
});

test("a shorter pass that comes late does not take the place of a longer one", async () => {
  const flow = flowOf("tabs");
  shopView = inside("p2", 150);
  await pass(3);
  shopView = inside("p1", SESSION_SECONDS);
  await pass(10);
  expect(flow.held.pass?.pass).toBe("p2");
});
