import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  CHAIN_PAGE_MAX_ROWS,
  SHOP_CHAIN,
  type ChainPage,
  type ChainRow,
} from "../../../domain/books/chain.ts";
import { anchorsOf } from "../../../domain/books/anchor.ts";
import { ExportCheck } from "../../../domain/books/export.ts";
import { chainOf } from "../../../domain/books/testing/chains.ts";
import { Books, HOUR_MS, ITEM, NOON_MS, SALE } from "../testing/books.ts";
import { anchorChains } from "./anchor.ts";
import { exportChains, readChain } from "./audit.ts";
import { verify } from "./verify.ts";

let books: Books;

/** The rows of a chain with the text of one of them changed. */
function changed(chain: string, sequence: number): ChainRow[] {
  const rows = books.rows(chain);
  return rows.with(sequence - 1, { ...(rows[sequence - 1] as ChainRow), text: "{}" });
}

beforeEach(() => {
  books = new Books();
});

describe("the verification of all books", () => {
  it("has every chain, the shop's first, and finds nothing where nothing is", async () => {
    expect(await books.found()).toEqual([]);
    expect(books.asked).toEqual(["shop 0", `${ITEM} 0`, `${SALE} 0`]);
    const answer = await verify(books.env, books.runtime, null);
    expect(answer).toMatchObject({ verified: { chains: 3, rows: 13, cursor: null } });
    const wrong = await verify(books.env, books.runtime, "item/../shop@1");
    expect(wrong).toMatchObject({ ok: false, code: "validation_failed" });
  });

  it("goes on from where it broke off, over long chains and many", async () => {
    books.write(ITEM, 12 * CHAIN_PAGE_MAX_ROWS);
    for (let index = 0; index < 15; index++) {
      books.list(`more-${index}`, `sku-${index}`, NOON_MS);
      books.write(`item/sku-${index}`, 1);
    }
    expect(await books.found()).toEqual([]);
    const { length } = books.rows(ITEM);
    books.tamper(
      `UPDATE ledger_event SET body = '{}' WHERE sku = 'phone' AND sequence = ${length - 1}`,
    );
    books.tamper("DELETE FROM audit_entry WHERE chain = 'sale/drop' AND sequence = 2");
    expect(await books.found()).toEqual([
      `${ITEM} ${length - 1} changed mirror`,
      `${SALE} 2 missing mirror`,
    ]);
  });

  it("judges the rows on both sides of where it broke off", async () => {
    books.write(ITEM, 10 * CHAIN_PAGE_MAX_ROWS);
    const answer = await verify(books.env, books.runtime, null);
    const [, after] = /^item\/phone@(\d+)$/.exec((answer.ok && answer.verified.cursor) || "") ?? [];
    for (const sequence of [Number(after), Number(after) + 1]) {
      books.chains.set(ITEM, changed(ITEM, sequence));
      books.tamper(`UPDATE ledger_event SET body = '{}' WHERE sequence = ${sequence}`);
    }
    const rows = [Number(after), Number(after) + 1];
    const kinds = ["changed", "unlinked"];
    expect(await books.found()).toEqual(rows.map((row, at) => `${ITEM} ${row} ${kinds[at]} chain`));
  });

  it.each<[string, () => void, string[]]>([
    [
      "a byte of a writer's row",
      () =>
        books.chains.set(
          ITEM,
          books.rows(ITEM).with(2, { ...(books.rows(ITEM)[2] as ChainRow), text: "{}" }),
        ),
      [`${ITEM} 3 changed chain`, `${ITEM} 3 changed mirror`],
    ],
    [
      "a byte of the database's row",
      () => books.tamper("UPDATE ledger_event SET body = '{}' WHERE sequence = 3"),
      [`${ITEM} 3 changed mirror`],
    ],
    [
      "a row of the database that is gone",
      () => books.tamper("DELETE FROM audit_entry WHERE chain = 'sale/drop' AND sequence = 4"),
      [`${SALE} 4 missing mirror`],
    ],
    [
      "a row more in the database",
      () => books.copy(SALE, 5, "{}", "x"),
      [`${SALE} 5 added mirror`],
    ],
    [
      "a writer's row that is gone",
      () => books.chains.set(ITEM, books.rows(ITEM).toSpliced(2, 1)),
      [`${ITEM} 3 missing chain`, `${ITEM} 3 added mirror`],
    ],
    [
      "a writer that was cut back, with its head: behind its last anchor",
      () => books.cut(SALE, 3),
      [`${SALE} 4 cut mirror`],
    ],
    [
      "a writer and the database that were cut back together",
      () => {
        books.cut(ITEM, 5);
        books.tamper("DELETE FROM ledger_event WHERE sequence > 5");
      },
      [`${ITEM} 6 cut anchor`],
    ],
    ["a chain written anew from a row on", () => books.anew(ITEM, 4), [`${ITEM} 4 forked mirror`]],
    [
      "a chain and its copy written anew from a row on",
      () => {
        books.anew(ITEM, 4);
        books.tamper("DELETE FROM ledger_event");
        for (const { sequence, text, hash } of books.rows(ITEM))
          books.copy(ITEM, sequence, text, hash);
      },
      [`${ITEM} 5 forked anchor`],
    ],
    [
      "a byte of a chain whose sale is gone from the catalogue",
      () => {
        books.chains.set(SALE, changed(SALE, 2));
        books.tamper(
          "UPDATE audit_entry SET body = '{}' WHERE chain = 'sale/drop' AND sequence = 2; DELETE FROM sale",
        );
      },
      [`${SALE} 2 changed chain`],
    ],
    [
      "an object that has lost everything",
      () => {
        books.chains.delete(SALE);
        books.tamper("DELETE FROM audit_entry WHERE chain = 'sale/drop'; DELETE FROM sale");
      },
      [`${SALE} 1 cut anchor`],
    ],
  ])("finds %s", async (_, tamper, found) => {
    tamper();
    expect(await books.found()).toEqual(found);
  });

  it("finds an anchor that was changed, though the shop's chain was written anew for it", async () => {
    const [first, ...others] = books.rows(SHOP_CHAIN);
    const text = (first?.text ?? "").replace(/"hash":"./, '"hash":"_');
    books.chains.set(SHOP_CHAIN, chainOf([text, ...others.map(({ text }) => text)]));
    expect(await books.found()).toEqual(
      expect.arrayContaining([
        `shop 1 changed anchor`,
        `shop 1 forked mirror`,
        `${ITEM} 5 forked anchor`,
      ]),
    );
  });

  it("goes on where an anchor names no chain, or has nothing in it", async () => {
    const heads = [{ chain: "somewhere", sequence: 1, hash: "x" }];
    const nonsense = anchorsOf(heads)[0];
    books.write(SHOP_CHAIN, 1, { type: "anchored", detail: nonsense });
    books.write(SHOP_CHAIN, 1, { type: "anchored" });
    expect(await books.found()).toEqual(["somewhere 1 unreadable anchor"]);
  });

  it("waits for what comes to the database later, and takes what came meanwhile", async () => {
    books.tamper("DELETE FROM audit_entry WHERE chain = 'sale/drop' AND sequence = 4");
    const late = { ...books.rows(SALE)[3] } as ChainRow;
    const owner = books.env.QUEUE_SEQUENCER.getByName("drop") as unknown as {
      chain: (after: number) => Promise<ChainPage>;
    };
    const behind = {
      ...owner,
      chain: async (after: number) => ({ ...(await owner.chain(after)), mirroredThrough: 3 }),
    };
    books.env.QUEUE_SEQUENCER = { getByName: () => behind } as never;
    expect(await books.found()).toEqual([]);
    books.copy(SALE, 4, late.text, late.hash);
    books.meanwhile = (chain) => {
      if (chain === SALE) books.write(SALE, 1);
    };
    expect(await books.found()).toEqual([]);
  });

  it("goes on where the next row to be anchored is no JSON any more", async () => {
    books.chains.set(
      SALE,
      books.rows(SALE).with(3, { ...(books.rows(SALE)[3] as ChainRow), text: "?" }),
    );
    expect(await books.found()).toEqual([`${SALE} 4 changed chain`, `${SALE} 4 changed mirror`]);
  });

  it("finds rows that nobody has anchored for a day", async () => {
    books.nowMs += 24 * HOUR_MS;
    expect(await books.found()).toEqual([]);
    books.nowMs += 1;
    expect(await books.found()).toEqual([`${SALE} 4 unanchored anchor`]);
  });
});

describe("the anchors of a minute", () => {
  it("are of all sales that are not at rest, and of each of the others in its turn", async () => {
    for (let index = 0; index < 25; index++) {
      books.list(`old-${index}`, `old-${index}`, NOON_MS - 2 * HOUR_MS);
      books.write(`sale/old-${index}`, 1);
      books.write(`item/old-${index}`, 1);
    }
    const seen = new Set<string>();
    for (let minute = 0; minute < 3; minute++) {
      books.anchored.clear();
      await anchorChains(books.env, books.runtime);
      expect(books.anchored.size).toBeLessThanOrEqual(22);
      expect([...books.anchored.keys()]).toEqual(expect.arrayContaining([ITEM, SALE]));
      for (const chain of books.anchored.keys()) seen.add(chain);
      books.nowMs += 60_000;
    }
    expect(seen.size).toBe(52);
  });

  it("leave out an object that does not answer, and ask nobody where there is no sale", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    books.anchored.clear();
    books.env.SKU = {
      getByName: () => ({ head: () => Promise.reject(new Error("Lost.")) }),
    } as never;
    await anchorChains(books.env, books.runtime);
    expect([...books.anchored.keys()]).toEqual([SALE]);
    books.anchored.clear();
    books.tamper("DELETE FROM sale; DELETE FROM sale_item");
    await anchorChains(books.env, books.runtime);
    expect(books.anchored.size).toBe(0);
  });
});

describe("a chain that does not stand where it was anchored", () => {
  it("is put before a person, and its anchor stays", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    books.cut(ITEM, 5);
    for (let minute = 0; minute < 2; minute++) await anchorChains(books.env, books.runtime);
    expect(books.anchored.get(ITEM)?.sequence).toBe(7);
    expect(books.database.rows("attention_item")).toMatchObject([
      { item_id: "chain_behind-item.phone", kind: "chain_behind", sku: "phone", sale_id: null },
    ]);
  });
});

describe("a round of anchors that comes late", () => {
  it("raises no alarm when the round after it has anchored newer heads", async () => {
    const { head } = books.env.SKU.getByName("phone");
    const { env } = books;
    let isLate = true;
    const slow = async () => {
      const old = await head();
      if (!isLate) return old;
      isLate = false;
      books.write(ITEM, 1);
      await anchorChains(env, books.runtime);
      return old;
    };
    env.SKU = { getByName: () => ({ head: slow }) } as never;
    await anchorChains(env, books.runtime);
    expect(books.anchored.get(ITEM)?.sequence).toBe(8);
    expect(books.database.rows("attention_item")).toEqual([]);
  });
});

describe("an export", () => {
  async function exported(): Promise<string[]> {
    const lines: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await exportChains(books.env, cursor);
      if (!answer.ok) throw new Error(answer.code);
      const part = answer.lines.trimEnd().split("\n");
      const last = JSON.parse(part.at(-1) ?? "") as { cursor?: string };
      cursor = last.cursor ?? null;
      lines.push(...(cursor === null ? part : part.slice(0, -1)));
    } while (cursor !== null);
    return lines;
  }

  it("has everything, in parts, and is verified elsewhere", async () => {
    books.write(ITEM, 5 * CHAIN_PAGE_MAX_ROWS);
    const lines = await exported();
    const check = new ExportCheck();
    expect([...lines.flatMap((line) => check.add(line)), ...check.end()]).toEqual([]);
    expect(check.counts).toEqual({ chains: 3, rows: 13 + 5 * CHAIN_PAGE_MAX_ROWS });
    expect(await exportChains(books.env, "?")).toMatchObject({
      ok: false,
      code: "validation_failed",
    });
  });

  it("is read chain by chain, of those that there are", async () => {
    expect((await readChain(books.env, SALE, 2))?.rows.map(({ sequence }) => sequence)).toEqual([
      3, 4,
    ]);
    expect((await readChain(books.env, SHOP_CHAIN, 0))?.rows).toHaveLength(2);
    expect(await readChain(books.env, "item/nothing", 0)).toBeNull();
  });
});
