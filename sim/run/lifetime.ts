import type { Worker } from "node:worker_threads";

/** What is read of a thread. */
type Living = Pick<Worker, "cpuUsage" | "performance">;

/**
 * Calls back once a thread has had so much time since now, of a processor or with nothing to do. For how long a busy machine
 * keeps it waiting says nothing about it.
 *
 * @returns gives it up.
 */
export function whenItHad(thread: Living, maxMs: number, over: () => void): () => void {
  const begunMs = lifeMs(thread);
  begunMs.catch(() => {});
  let timer: NodeJS.Timeout | null = null;
  const wait = (ms: number): void => {
    timer = setTimeout(() => void look(), ms);
  };
  const look = async (): Promise<void> => {
    // One that never says how long it had stands in the middle of something that is not JavaScript.
    const asked = setTimeout(over, maxMs);
    timer = asked;
    try {
      const leftMs = maxMs - ((await lifeMs(thread)) - (await begunMs));
      if (timer !== asked) return;
      clearTimeout(asked);
      if (leftMs > 0) wait(leftMs);
      else over();
    } catch {
      // It has ended meanwhile: who lent it is told that.
      clearTimeout(asked);
    }
  };
  wait(maxMs);
  return () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
}

async function lifeMs(thread: Living): Promise<number> {
  const { user, system } = await thread.cpuUsage();
  return (user + system) / 1_000 + thread.performance.eventLoopUtilization().idle;
}
