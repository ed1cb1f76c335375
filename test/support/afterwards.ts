import { afterAll, vi } from "vitest";

// The next file runs in the same process (vitest.config.ts) and finds time and globals as they are.
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
