import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { shopAt } from "./shop.ts";

let server: Server | null = null;
afterEach(() => server?.close());

/** A shop that gives these answers, one after the other; what it was asked. */
async function serving(...answers: [status: number, text: string][]) {
  const asked: string[] = [];
  const served = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    const [status, text] = answers[asked.length - 1] ?? [500, "too many"];
    response.writeHead(status, status === 503 ? { "Retry-After": "0" } : {}).end(text);
  });
  server = served.listen(0, "127.0.0.1");
  await once(served, "listening");
  const { port } = served.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}

describe("reading a shop", () => {
  it("asks again while the shop is busy", async () => {
    const { url, asked } = await serving([503, "busy"], [503, "busy"], [200, "books"]);
    expect(await shopAt(url, "secret").read("/audit/export")).toBe("books");
    expect(asked).toEqual(
      Array.from({ length: 3 }, () => "/api/v1/admin/audit/export Bearer secret"),
    );
  });

  it("says what a shop answers that refuses, and does not ask again", async () => {
    const { url, asked } = await serving([401, "no"]);
    const refused = `${url} does not answer as it should: it answered 401 (is the admin token its own?): no`;
    await expect(shopAt(url, "secret").read("/audit/verify")).rejects.toThrow(refused);
    expect(asked).toHaveLength(1);
  });

  it("gives up on a shop that is not there, and names it", async () => {
    const gone = "http://127.0.0.1:9";
    await expect(shopAt(gone, "secret", 0).read("/audit/verify")).rejects.toThrow(
      `${gone} does not answer as it should: `,
    );
  });
});
