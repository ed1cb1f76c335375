import { beforeEach, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, FakeGateway } from "./testing/fake-gateway.ts";

const LISTS = ["/orders", "/notifications", "/admin/orders", "/admin/notifications"];

let gateway: FakeGateway;
let brought: unknown[];

beforeEach(() => {
  gateway = new FakeGateway();
  brought = [];
  const list = (args: unknown[]) => {
    brought.push(String(args.at(-1)));
    return { rows: [], cursor: null, bookmark: "0000-0002" };
  };
  gateway.onPurchase = (_, args) => list(args);
  gateway.onOrders = list;
});

async function get(path: string, headers: Record<string, string> = {}) {
  const as = path.startsWith("/admin")
    ? { Authorization: `Bearer ${ADMIN_TOKEN}` }
    : await gateway.bearer("g_ann");
  return gateway.send("GET", `/api/v1${path}`, { headers: { ...as, ...headers } });
}

describe.each(LISTS)("GET %s", (path) => {
  it("gives how far the database was read, by header and in a cookie", async () => {
    const { headers } = await get(path);
    expect(headers.get("D1-Bookmark")).toBe("0000-0002");
    expect(headers.get("Set-Cookie")).toBe(
      "__Host-d1=0000-0002; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax",
    );
  });

  it("takes it along: by header, else by the cookie", async () => {
    await get(path);
    await get(path, { Cookie: "__Host-d1=0000-0001" });
    await get(path, { Cookie: "__Host-d1=0000-0001", "D1-Bookmark": "0000-0003" });
    expect(brought).toEqual(["null", "0000-0001", "0000-0003"]);
  });
});

it("is in the API document, both ways", async () => {
  const { body } = await gateway.send("GET", "/openapi.json");
  const { paths } = body as { paths: Record<string, Record<string, Document>> };
  interface Document {
    parameters: { name: string; in: string }[];
    responses: Record<string, { headers?: object }>;
  }
  for (const path of LISTS) {
    const list = paths[`/api/v1${path}`]?.["get"];
    expect(list?.parameters).toContainEqual(
      expect.objectContaining({ name: "D1-Bookmark", in: "header", required: false }),
    );
    expect(list?.responses["200"]?.headers).toHaveProperty("D1-Bookmark");
  }
  expect(paths["/api/v1/products"]?.["get"]?.responses["200"]).not.toHaveProperty("headers");
});
