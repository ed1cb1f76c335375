import * as node from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHash } from "./node-crypto.ts";

describe("the simulator's hashes", () => {
  it("are Node's", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        const ours = createHash("sha256");
        const nodes = node.createHash("sha256");
        for (const part of parts) {
          ours.update(part);
          nodes.update(part);
        }
        expect(ours.digest("hex")).toBe(nodes.digest("hex"));
      }),
    );
  });
});
