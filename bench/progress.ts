import { Presets, SingleBar } from "cli-progress";
import type { Crowd, CrowdCounts } from "./crowd.ts";

const BAR_EVERY_MS = 200;
/** Without a terminal every line stays, so there are fewer. */
const LINE_EVERY_MS = 2000;

/** Shows where the crowd is until the returned function is called. */
export function showProgress(crowd: Crowd, stock: number): () => void {
  return process.stdout.isTTY ? showBar(crowd, stock) : showLines(crowd, stock);
}

function showBar(crowd: Crowd, stock: number): () => void {
  const format = "{bar} {duration} s | {text}";
  const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
  bar.start(crowd.shoppers.length, 0, { text: "" });
  const update = (): void => {
    const counts = crowd.counts();
    bar.update(counts.ended, { text: sentence(counts, stock) });
  };
  const timer = setInterval(update, BAR_EVERY_MS);
  return () => {
    clearInterval(timer);
    update();
    bar.stop();
  };
}

function showLines(crowd: Crowd, stock: number): () => void {
  const startMs = performance.now();
  const print = (): void => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    console.log(`${seconds.padStart(5)} s | ${sentence(crowd.counts(), stock)}`);
  };
  const timer = setInterval(print, LINE_EVERY_MS);
  return () => {
    clearInterval(timer);
    print();
  };
}

function sentence(counts: CrowdCounts, stock: number): string {
  const { joined, waiting, inside, held, bought, ended } = counts;
  return `joined ${joined}, waiting ${waiting}, inside ${inside}, paying ${held}, sold ${bought}/${stock}, done ${ended}`;
}
