import { Presets, SingleBar } from "cli-progress";

/** Without a terminal every line stays, so there are fewer. */
const LINE_EVERY_MS = 5000;

/** Shows how far something is. */
export interface Progress {
  update(done: number, text: string): void;
  stop(): void;
}

/** A bar on a terminal, elsewhere a line now and then. */
export function showProgress(total: number): Progress {
  return process.stdout.isTTY ? bar(total) : lines(total);
}

function bar(total: number): Progress {
  const format = "{bar} {value}/{total} | {duration} s | {text}";
  const shown = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  shown.start(total, 0, { text: "" });
  return {
    update: (done, text) => shown.update(done, { text }),
    stop: () => shown.stop(),
  };
}

function lines(total: number): Progress {
  const startMs = performance.now();
  let nextMs = startMs + LINE_EVERY_MS;
  return {
    update: (done, text) => {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + LINE_EVERY_MS;
      const seconds = ((nowMs - startMs) / 1000).toFixed(0);
      console.log(`${seconds.padStart(5)} s | ${done}/${total} | ${text}`);
    },
    stop: () => {},
  };
}
