import { describe, expect, it } from "vitest";
import { workerFirst } from "./front.ts";

const rules = workerFirst({ run_worker_first: ["/api/*", "/health", "/openapi.json"] });

describe("what goes to the Worker without a look at the assets", () => {
  it.each([
    ["/api/v1/sales?x=/a", true],
    ["/api/", true],
    ["/health", true],
    ["/health?x=1", true],
    ["/openapi.json", true],
    ["/", false],
    ["/api", false],
    ["/health/", false],
    ["/openapi-json", false],
    ["/index.html?next=/api/v1", false],
    ["//127.0.0.1/api/v1", false],
  ])("%s: %s", (path, expected) => {
    expect(rules.test(`http://127.0.0.1:8787${path}`)).toBe(expected);
  });

  it.each([[undefined], [{}], [{ run_worker_first: true }], [{ run_worker_first: ["!/api/*"] }]])(
    "nothing without paths to be named: %j",
    (assets) => {
      expect(workerFirst(assets).test("http://127.0.0.1/api/v1")).toBe(false);
    },
  );
});
