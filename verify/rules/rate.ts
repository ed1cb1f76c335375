const WINDOW_SECONDS = 60;

/**
 * How many were let in within 60 seconds, as the line's writer counts them: by whole seconds of its clock,
 * the 60 before the running one, so that no 60 seconds ever have more. A clock that went back counts on
 * where it was.
 */
export class Rate {
  #seconds: { second: number; count: number }[] = [];
  #recent: number[] = [];
  #oldest = 0;
  /** The most within any 60 seconds of the log's own time. */
  most = 0;

  /** Counts one by the writer's clock and the log's; how many they are with it. */
  count(nowMs: number, atMs: number): number {
    const now = Math.floor(nowMs / 1_000);
    const second = Math.max(now, this.#seconds.at(-1)?.second ?? 0);
    let within = 1;
    for (const bucket of this.#seconds)
      if (bucket.second >= now - WINDOW_SECONDS) within += bucket.count;
    const last = this.#seconds.at(-1);
    if (last?.second === second) last.count += 1;
    else {
      this.#seconds = this.#seconds.filter((bucket) => bucket.second >= second - WINDOW_SECONDS);
      this.#seconds.push({ second, count: 1 });
    }
    this.#observe(atMs);
    return within;
  }

  #observe(atMs: number): void {
    this.#recent.push(atMs);
    while ((this.#recent[this.#oldest] ?? atMs) <= atMs - WINDOW_SECONDS * 1_000) this.#oldest += 1;
    this.most = Math.max(this.most, this.#recent.length - this.#oldest);
  }
}
