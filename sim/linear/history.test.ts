import { describe, expect, it } from "vitest";
import { CallHistory } from "./history.ts";

describe("recorded calls", () => {
  it("have their places in the order of everything, and their answers as far as there are any", async () => {
    let nowMs = 10;
    const history = new CallHistory(() => nowMs++);
    const answers = new Map<string, Promise<unknown>>([
      ["reserve", Promise.resolve({ ok: true })],
      ["cancel", Promise.reject(new Error("lost"))],
      ["order", new Promise(() => {})],
    ]);
    const stub = new Proxy<Record<string, (...args: unknown[]) => Promise<unknown> | undefined>>(
      {},
      {
        get: (_, method) => (method === "then" ? undefined : () => answers.get(String(method))),
      },
    );
    const items = history.recording({ getByName: (_sku: string) => stub });
    const item = items.getByName("sku");
    const calls = [...answers.keys()].map((method) => item[method]?.(method));
    history.note("sku", "givenBack", "order");
    // The caller gets the very promise: being recorded delays nobody.
    expect(calls).toEqual([...answers.values()]);
    expect(calls[0]).toBe(answers.get("reserve"));
    await expect(calls[1]).rejects.toThrow("lost");
    expect(
      history.of("sku").map(({ method, args, invoked, invokedMs, returned, answer }) => {
        return [method, args, invoked, invokedMs, returned, answer];
      }),
    ).toEqual([
      ["reserve", ["reserve"], 1, 10, 5, { ok: true }],
      ["cancel", ["cancel"], 2, 11, Infinity, undefined],
      ["order", ["order"], 3, 12, Infinity, undefined],
      ["givenBack", ["order"], 4, 13, Infinity, undefined],
    ]);
    expect(history.of("another")).toEqual([]);
  });
});
