import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Product } from "../../../domain/catalogue.ts";
import {
  FakeGateway,
  NOON_MS,
  overloaded,
  sampleBoard,
  type Answer,
} from "../testing/fake-gateway.ts";

const API = "/api/v1";
const PHONE: Product = {
  productId: "phone",
  name: "Phone",
  description: "",
  price: { amount: 99_900, currency: "EUR" },
  images: [],
};

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  gateway.products = [PHONE];
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

function get(path: string): Promise<Answer> {
  return gateway.send("GET", API + path);
}

async function listed(path: string): Promise<unknown> {
  return ((await get(path)).body["sales"] as { state: string }[]).map(({ state }) => state);
}

describe("products", () => {
  it("come from memory while they are fresh", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await get("/products");
      expect(answer.body).toEqual({ products: [PHONE] });
      expect(answer.headers.get("Cache-Control")).toBe("public, max-age=10");
      expect((await get("/products/phone")).body).toEqual(PHONE);
      expect((await get("/products/nope")).status).toBe(404);
    }
    expect(gateway.calls).toEqual(["purchase products", "purchase product", "purchase product"]);
  });

  it.each(["limit=0", "limit=101", "limit=x", "limit=1.5", "cursor=", `cursor=${"x".repeat(401)}`])(
    "refuses ?%s",
    async (query) => {
      const answer = await get(`/products?${query}`);
      expect(answer.body["code"]).toBe("validation_failed");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
    },
  );
});

describe("sales", () => {
  it("tells what a shopper may know", async () => {
    const { body, headers } = await get("/sales/drop");
    expect(headers.get("Cache-Control")).toBe("public, max-age=2");
    expect(body).toMatchObject({
      saleId: "drop",
      state: "active",
      limits: { perShopper: 1 },
      items: [{ sku: "phone-1", stock: 5 }],
      queue: { queueingMethod: "fifo", prequeueStartsAt: null, shuffleAtStart: false },
    });
    expect(body["queue"]).not.toHaveProperty("totalActiveUsers");
  });

  it("lists what is going on and what is to come, or one state", async () => {
    expect(await listed("/sales")).toEqual(["active"]);
    expect(await listed("/sales?state=active")).toEqual(["active"]);
    expect(await listed("/sales/active")).toEqual(["active"]);
    expect(await listed("/sales?state=scheduled")).toEqual([]);
    gateway = new FakeGateway();
    gateway.sale.control.startsAtMs = NOON_MS + 1_000;
    expect(await listed("/sales")).toEqual(["scheduled"]);
    expect(gateway.calls).toEqual(["purchase sales"]);
    gateway = new FakeGateway();
    gateway.sale.control.mode = "ended";
    expect(await listed("/sales")).toEqual([]);
    expect(await listed("/sales?state=ended")).toEqual(["ended"]);
  });

  it("shows a sale by its board: sold out is not what the clock tells", async () => {
    gateway.board = sampleBoard({ state: "sold_out" });
    expect(await listed("/sales")).toEqual(["sold_out"]);
    expect(await listed("/sales?state=active")).toEqual([]);
  });

  it("keeps drafts to itself", async () => {
    gateway.sale.control.mode = "draft";
    expect(await listed("/sales")).toEqual([]);
    expect((await get("/sales?state=draft")).status).toBe(400);
    expect((await get("/sales/drop")).status).toBe(404);
    expect((await get("/sales/drop/status")).status).toBe(404);
    expect(gateway.calls).not.toContain("board");
  });

  it("goes on without a board where it can, and says busy where it cannot", async () => {
    gateway.board = overloaded();
    expect((await get("/sales/drop")).body).toMatchObject({ state: "active" });
    expect(await listed("/sales")).toEqual(["active"]);
    expect((await get("/sales/drop/status")).body["code"]).toBe("busy");
  });

  it("tells the status from the board, with the time of now", async () => {
    // The item is of an older version, which says nothing of its waiting list.
    const item = { sku: "phone-1", stock: 7, available: 0, held: 2, sold: 5 };
    gateway.board = sampleBoard({ levels: [item], cursor: 4, invitedPerSecond: 1.234 });
    await get("/sales/drop/status");
    gateway.nowMs = NOON_MS + 400;
    const { body, headers } = await get("/sales/drop/status");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(body).toEqual({
      saleId: "drop",
      state: "active",
      endingSoon: false,
      allHeld: true,
      asOf: "2026-11-21T12:00:00.000Z",
      version: 1,
      serverTime: "2026-11-21T12:00:00.400Z",
      startsAt: "2026-11-21T11:00:00.000Z",
      endsAt: "2026-11-21T13:00:00.000Z",
      items: [item],
      queue: {
        state: "active",
        nowServing: 4,
        lastNumber: 10,
        ratePerMinute: 74,
        shuffle: null,
        message: null,
      },
    });
  });

  it("promises the seed of a shuffled sale by its hash, and shows it after the start", async () => {
    const shuffle = { seedHash: "ab", seed: null, ends: [], drawsMax: 1, nextDrawAtMs: null };
    gateway.board = sampleBoard({ state: "prequeue", shuffle });
    const before = (await get("/sales/drop/status")).body["queue"];
    expect(before).toMatchObject({
      shuffle: { seedHash: "ab", seed: null, ends: [], nextDrawAt: null },
    });
    gateway.nowMs += 5_000;
    gateway.board = sampleBoard({ shuffle: { ...shuffle, seed: "s", ends: [7] } });
    const after = (await get("/sales/drop/status")).body["queue"];
    expect(after).toMatchObject({
      shuffle: { seedHash: "ab", seed: "s", ends: [7], closed: null, publicRandomness: null },
    });
  });

  it("says what a draw that has closed waits for", async () => {
    const publicRandomness = { source: "drand", round: "4711", value: null };
    const shuffle = { seedHash: "ab", seed: null, ends: [], closed: 7, drawsMax: 1 };
    gateway.board = sampleBoard({ shuffle: { ...shuffle, nextDrawAtMs: null, publicRandomness } });
    const { body } = await get("/sales/drop/status");
    expect(body["queue"]).toMatchObject({
      shuffle: { seed: null, ends: [], closed: 7, publicRandomness },
    });
  });
});
