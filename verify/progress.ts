/** Hears how far something has come. */
export type Progress = (what: string, done: number, total: number) => void;

const TELL_EVERY_MS = 1_000;

/** Tells on the error output, once a second; on a terminal in one line. */
export function tellProgress(): Progress {
  let toldAtMs = performance.now();
  const { isTTY } = process.stderr;
  return (what, done, total) => {
    const nowMs = performance.now();
    if (nowMs - toldAtMs < TELL_EVERY_MS) return;
    toldAtMs = nowMs;
    const line = `${what} ${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
    process.stderr.write(isTTY ? `\r\u001B[K${line}` : `${line}\n`);
    if (isTTY && done === total) process.stderr.write("\n");
  };
}
