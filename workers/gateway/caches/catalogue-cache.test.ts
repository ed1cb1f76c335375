import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CataloguedSale } from "../../../domain/catalogue.ts";
import type { Caller } from "../bindings.ts";
import { NOON_MS, overloaded, sampleSale } from "../testing/fake-gateway.ts";
import { CatalogueCache } from "./catalogue-cache.ts";

const HOUR_MS = 3_600_000;

let nowMs: number;
let cache: CatalogueCache;
let database: () => CataloguedSale;

beforeEach(() => {
  nowMs = NOON_MS;
  cache = new CatalogueCache({ now: () => nowMs });
  database = () => sampleSale();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

function sale(): Promise<CataloguedSale | null> {
  const env = { PURCHASE: { sale: async () => database() } };
  return cache.sale({ env, waitUntil: () => {} } as unknown as Caller, "drop");
}

describe("what an isolate knows of a sale", () => {
  it("is told for an hour while the database is out, and no longer", async () => {
    const known = await sale();
    database = () => {
      throw overloaded();
    };
    nowMs += HOUR_MS;
    expect(await sale()).toEqual(known);
    nowMs += 1;
    await expect(sale()).rejects.toThrow("overloaded");
  });

  it("is asked for again when the database is back", async () => {
    const { definition, control } = await sale().then((known) => known ?? sampleSale());
    database = () => ({ definition, control: { ...control, version: control.version + 1 } });
    nowMs += HOUR_MS;
    expect((await sale())?.control.version).toBe(control.version + 1);
  });
});
