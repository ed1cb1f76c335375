import { Hono } from "hono";
import { expect, it } from "vitest";
import { FixedFirstRouter } from "./fixed-first-router.ts";

const app = new Hono({ router: new FixedFirstRouter() });
app.get("/sales/:id", (c) => c.text(`one ${c.req.param("id")}`));
app.get("/sales/active", (c) => c.text("active"));
app.get("/sales/:id/log/:tile{.+}", (c) => c.text(`tile ${c.req.param("tile")}`));
app.post("/sales", (c) => c.text("made"));

it.each([
  ["GET", "/sales/active", "active"],
  ["GET", "/sales/active2", "one active2"],
  ["GET", "/sales/a%20b", "one a b"],
  ["GET", "/sales/drop/log/0/x001/002", "tile 0/x001/002"],
  ["HEAD", "/sales/active", ""],
  ["POST", "/sales", "made"],
  ["GET", "/sales", "404 Not Found"],
  ["POST", "/sales/active", "404 Not Found"],
  ["GET", "/sales/:id", "one :id"],
  ["GET", "/", "404 Not Found"],
])("%s %s: %s", async (method, path, expected) => {
  const answer = await app.request(path, { method });
  expect(await answer.text()).toBe(expected);
});
