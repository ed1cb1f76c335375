import { expect, it } from "vitest";
import { KeyWitness } from "../invariants/keys.ts";
import { Keys, keysOf } from "./keys.ts";

it("leaves a withdrawn key with the purchase Worker, whenever that starts anew", () => {
  const keys = new Keys(
    new KeyWitness(
      (invariant) => expect.fail(invariant),
      () => {},
    ),
  );
  expect(keys.textOf("purchase")).toBe(keysOf(["sim"]));
  keys.putTokens(["second", "sim"]);
  expect(keys.textOf("purchase")).toBe(keysOf(["sim"]));
  keys.putTokens(["sim"]);
  for (const node of ["purchase", "edge/0"]) keys.restart(node);
  expect(keys.textOf("purchase")).toBe(keysOf(["second", "sim"]));
  expect(keys.textOf("edge/0")).toBe(keysOf(["sim"]));
});
