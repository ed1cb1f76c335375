import * as node from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHash, createHmac } from "./node-crypto.ts";

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

  it("are Node's with keys of every length", () => {
    const keys = fc.uint8Array({ minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(keys, fc.string({ unit: "binary" }), (key, text) => {
        const nodes = node.createHmac("sha256", key).update(text, "utf8").digest();
        // The first is worked out, the second known; neither is the other's.
        for (let times = 0; times < 2; times++) {
          const ours = createHmac("sha256", key).update(text, "utf8").digest();
          expect(ours).toEqual(nodes);
          ours.fill(0);
        }
      }),
    );
  });
});
