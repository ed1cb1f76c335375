import type { FaultFigures } from "./plan.ts";

/** A copy of a message comes up to this long after the first. */
const COPY_DELAY_MAX_SECONDS = 3;

/**
 * A queue that delivers every message `times` times: once as it would, the copies now or up to three
 * seconds later. `seen` is told of each message before it is sent.
 */
export function doublingQueue<Body>(
  real: Queue<Body>,
  times: number,
  random: () => number,
  figures: FaultFigures,
  seen: (body: Body) => void,
): Queue<Body> {
  const copy = (): { delaySeconds: number } => {
    figures.copies += 1;
    return { delaySeconds: Math.floor(random() * (COPY_DELAY_MAX_SECONDS + 1)) };
  };
  const copies = Array.from({ length: Math.max(0, times - 1) });
  return {
    async send(body, options) {
      seen(body);
      const sent = await real.send(body, options);
      for (const _ of copies) await real.send(body, { ...options, ...copy() });
      return sent;
    },
    async sendBatch(messages, options) {
      const all = [...messages];
      for (const { body } of all) seen(body);
      const sent = await real.sendBatch(shuffled(all, random), options);
      for (const _ of copies)
        await real.sendBatch(
          shuffled(all, random).map((message) => Object.assign({}, message, copy())),
          options,
        );
      return sent;
    },
    metrics: () => real.metrics(),
  };
}

/** A batch whose messages are in no order. */
export function shuffledBatch<Body>(
  batch: MessageBatch<Body>,
  random: () => number,
): MessageBatch<Body> {
  return {
    queue: batch.queue,
    metadata: batch.metadata,
    messages: shuffled(batch.messages, random),
    ackAll: () => batch.ackAll(),
    retryAll: (options) => batch.retryAll(options),
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}
