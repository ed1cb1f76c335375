import { expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { WORKER_CONFIGS } from "../../local/paths.ts";

it("is the only entrypoint of all Workers that has a cache in front", () => {
  const cached = WORKER_CONFIGS.flatMap(({ role, config }) => {
    const { cache, exports } = unstable_readConfig({ config }, { hideWarnings: true });
    // Said, not left to a default: what is cached unawares is one shopper's answer to another.
    expect(cache).toEqual({ enabled: false });
    return Object.entries(exports as Record<string, { cache?: object }>)
      .filter(([, options]) => options.cache !== undefined)
      .map(([name, { cache }]) => ({ role, name, cache }));
  });
  expect(cached).toEqual([{ role: "waiting-room", name: "BoardFeed", cache: { enabled: true } }]);
});
