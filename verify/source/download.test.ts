import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packEntries } from "../../domain/log/tile.ts";
import { Unreadable } from "../finding.ts";
import { tilePath, tilesOf } from "../log/tile.ts";
import { played, resigned, toldIn, type Played } from "../testing/played.ts";
import { verifyLog } from "../verify.ts";
import { fairnessAddress } from "./address.ts";
import { download, type Outside } from "./download.ts";

const ADDRESS = "https://shop.example/api/v1/sales/drop/fairness";

let sale: Played;
/** What the server has, by path. */
let files: Map<string, Uint8Array | string>;

beforeAll(async () => {
  sale = await played({
    shoppers: 250,
    seconds: 5,
    queue: { totalActiveUsers: 100, newUsersPerMinute: 6_000, claimSeconds: 5 },
  });
  const { copy } = sale;
  files = new Map<string, Uint8Array | string>([
    ["keys", copy.keys.map(({ text }) => `${text}\n`).join("")],
    ["checkpoint", copy.checkpoint],
    ...copy.tiles,
    ...tilesOf("entries", copy.entries.length).map((tile): [string, Uint8Array] => {
      const first = tile.tile * 256;
      return [tilePath(tile), packEntries(copy.entries.slice(first, first + tile.width))];
    }),
  ]);
});

afterAll(() => sale.remove());

/** A network with that server; `answer` may say something else first. */
function outside(answer: (path: string) => Response | null = () => null) {
  const asked: string[] = [];
  let pausedMs = 0;
  const it: Outside = {
    fetch: (address) => {
      const path = (address as string).slice(ADDRESS.length + 1);
      asked.push(path);
      const own = answer(path);
      if (own) return Promise.resolve(own);
      const file = files.get(path);
      return Promise.resolve(
        file === undefined ? new Response("", { status: 404 }) : new Response(Buffer.from(file)),
      );
    },
    pause: (ms) => {
      pausedMs += ms;
      return Promise.resolve();
    },
    now: () => new Date(0),
  };
  return { it, asked, pausedMs: () => pausedMs };
}

describe("a download", () => {
  it("brings all that the checkpoint covers, each part once", async () => {
    const { it: network, asked } = outside();
    const told: number[] = [];
    const copy = await download(ADDRESS, 0, (_what, done) => told.push(done), network);
    expect(copy).toMatchObject({
      from: ADDRESS,
      savedAt: "1970-01-01T00:00:00.000Z",
      isLive: true,
    });
    expect(copy.entries).toEqual(sale.copy.entries);
    expect(copy.tiles).toEqual(sale.copy.tiles);
    expect(verifyLog(copy, [], sale.receipts).findings).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
    expect(told).toEqual(Array.from({ length: files.size - 2 }, (_, at) => at + 1));
  });

  it("asks again where a server stumbles, and not for ever", async () => {
    const stumbles = new Map<string, number>();
    const { it: network, pausedMs } = outside((path) => {
      const times = (stumbles.get(path) ?? 0) + 1;
      stumbles.set(path, times);
      if (times === 1) return new Response("", { status: 503 });
      if (times === 2) throw new TypeError("fetch failed");
      return null;
    });
    const copy = await download(ADDRESS, 0, () => {}, network);
    expect(copy.entries).toHaveLength(sale.copy.entries.length);
    expect(pausedMs()).toBe(files.size * (250 + 500));

    const broken = outside((path) => (path === "keys" ? new Response("", { status: 500 }) : null));
    await expect(download(ADDRESS, 0, () => {}, broken.it)).rejects.toThrow(
      /keys did not answer, 5/,
    );
    expect(broken.asked).toHaveLength(5);
  });

  it("takes the full tile where the one that was not full is gone", async () => {
    const { copy } = sale;
    const short = resigned(copy, toldIn(copy).slice(0, 600));
    const { it: network } = outside((path) => {
      if (path === "checkpoint") return new Response(short.checkpoint);
      const tile = path.startsWith("tile/1/") ? short.tiles.get(path) : undefined;
      return tile === undefined ? null : new Response(Buffer.from(tile));
    });
    const shorter = await download(ADDRESS, 0, () => {}, network);
    expect(shorter.entries).toHaveLength(600);
    expect(verifyLog(shorter, [], []).findings.filter(({ check }) => check !== "turns")).toEqual(
      [],
    );
  });

  it("waits for a newer checkpoint where somebody has one", async () => {
    const { copy } = sale;
    const old = resigned(copy, toldIn(copy).slice(0, 256));
    let served = 0;
    const { it: network } = outside((path) =>
      path === "checkpoint" && (served += 1) === 1 ? new Response(old.checkpoint) : null,
    );
    const newer = await download(ADDRESS, copy.entries.length, () => {}, network);
    expect(newer.entries).toHaveLength(copy.entries.length);
  });

  it("says what keeps it", async () => {
    const gone = outside((path) => (path === "keys" ? new Response("", { status: 404 }) : null));
    await expect(download(ADDRESS, 0, () => {}, gone.it)).rejects.toThrow(/keys answers 404/);
    const cut = outside((path) => (path.startsWith("tile/entries") ? new Response("x") : null));
    await expect(download(ADDRESS, 0, () => {}, cut.it)).rejects.toThrow(Unreadable);
    const endless = outside((path) =>
      path === "checkpoint" ? new Response(Buffer.alloc(20_000_001)) : null,
    );
    await expect(download(ADDRESS, 0, () => {}, endless.it)).rejects.toThrow(/more than/);
  });
});

describe("the address of a sale", () => {
  it.each([
    [ADDRESS, ADDRESS],
    [`${ADDRESS}/checkpoint`, ADDRESS],
    ["https://shop.example/api/v1/sales/drop", ADDRESS],
    ["https://shop.example/sale?id=drop", ADDRESS],
    [
      "http://127.0.0.1:8787/fairness?id=a%20b",
      "http://127.0.0.1:8787/api/v1/sales/a%20b/fairness",
    ],
  ])("%s is %s", (address, found) => {
    expect(fairnessAddress(address)).toBe(found);
  });

  it.each(["https://shop.example/", "nonsense"])("%s is none", (address) => {
    expect(() => fairnessAddress(address)).toThrow(Unreadable);
  });
});
