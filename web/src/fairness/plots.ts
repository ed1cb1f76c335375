/** Draws the figures of the report, with Observable Plot. The one module that loads it, and only when there is something to draw. */
import {
  barX,
  dot,
  gridX,
  gridY,
  lineY,
  plot,
  ruleX,
  ruleY,
  tickX,
  type PlotOptions,
} from "@observablehq/plot";
import { formatClock } from "../format.ts";
import type { Fairness } from "./contract.ts";
import { BUCKETS, HERE, type FigureId } from "./figures.ts";

const INK = { here: "var(--rope-text)", buckets: "var(--brass)", bound: "var(--ink)" };
const WIDTH_NARROW_PX = 480;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Draws a figure in a width; what it shows is told by `label` to who cannot see it. */
export function drawFigure(
  id: FigureId,
  report: Fairness,
  width: number,
  label: string,
): SVGElement | HTMLElement {
  const drawn = plot({
    width,
    height: id === "bounds" || id === "estimates" ? 150 : 280,
    marginLeft: 56,
    marginBottom: 40,
    className: "plot",
    style: { fontSize: "12px", fontFamily: "inherit", background: "none" },
    ariaLabel: label,
    ...DRAWINGS[id](report, width < WIDTH_NARROW_PX),
  });
  drawn.setAttribute("role", "img");
  // The page's policy takes styles from its own files only, where these rules are, too.
  for (const style of drawn.querySelectorAll("style")) {
    style.remove();
  }
  // Within an image nothing has a name of its own, and "dot" would be none.
  for (const group of drawn.querySelectorAll("g")) {
    group.removeAttribute("aria-label");
  }
  return drawn;
}

type Drawing = (report: Fairness, isNarrow: boolean) => PlotOptions;

const DRAWINGS: Readonly<Record<FigureId, Drawing>> = {
  order({ arrivalToAdmission, minuteBuckets }, isNarrow) {
    const ofLine = (line: string, points: readonly { arrived: number; admitted: number }[]) => {
      const last = Math.max(...points.flatMap(({ arrived, admitted }) => [arrived, admitted]));
      // As shares of all: a sample has fewer ranks.
      return points.map(({ arrived, admitted }) => ({
        line,
        arrived: arrived / last,
        admitted: admitted / last,
      }));
    };
    const points = [
      ...ofLine(HERE, arrivalToAdmission?.points ?? []),
      ...ofLine(BUCKETS, minuteBuckets?.points ?? []),
    ];
    const ticks = [0, 25, 50, 75, 100];
    const facets = minuteBuckets === null ? {} : { fx: "line" };
    return {
      x: {
        percent: true,
        domain: [0, 100],
        label: "Came (%) →",
        ticks: isNarrow ? [0, 50] : ticks,
      },
      y: { percent: true, domain: [0, 100], label: "↑ Let in (%)", ticks },
      fx: { label: null, domain: minuteBuckets === null ? [HERE] : [HERE, BUCKETS], padding: 0.12 },
      marks: [
        gridX({ ticks }),
        gridY({ ticks }),
        dot(points, {
          x: "arrived",
          y: "admitted",
          r: 2,
          fill: ({ line }: { line: string }) => (line === HERE ? INK.here : INK.buckets),
          ...facets,
        }),
      ],
      color: { type: "identity" },
    };
  },

  first({ arrivalToAdmission, minuteBuckets }) {
    const lines = [
      { shares: minuteBuckets?.first ?? [], stroke: INK.buckets, symbol: "square" },
      { shares: arrivalToAdmission?.first ?? [], stroke: INK.here, symbol: "circle" },
    ] as const;
    return {
      x: { type: "log", label: "The first … who came →", tickFormat: ",d", ticks: 4 },
      y: { percent: true, domain: [0, 100], label: "↑ Among the first let in (%)", ticks: 5 },
      marks: [
        gridY({ ticks: 5 }),
        ...lines.flatMap(({ shares, stroke, symbol }) => [
          lineY(shares, { x: "k", y: "share", stroke, strokeWidth: 2 }),
          dot(shares, { x: "k", y: "share", stroke, fill: "var(--surface)", symbol, r: 4 }),
        ]),
      ],
    };
  },

  waits({ cohorts }, isNarrow) {
    const told = cohorts.flatMap(({ from, wait }) => (wait === null ? [] : [{ from, wait }]));
    const isShort = told.every(({ wait }) => wait.p99Ms < MINUTE_MS);
    const unitMs = isShort ? SECOND_MS : MINUTE_MS;
    const waits = told.map(({ from, wait }) => ({
      from: new Date(from),
      p50: wait.p50Ms / unitMs,
      p99: wait.p99Ms / unitMs,
    }));
    return {
      x: { type: "time", label: "Came at →", ticks: isNarrow ? 3 : 6 },
      y: {
        zero: true,
        label: isShort ? "↑ Waited (s)" : "↑ Waited",
        ticks: 5,
        tickFormat: (units: number) => (isShort ? `${units}` : formatClock(units * unitMs)),
      },
      marks: [
        gridY({ ticks: 5 }),
        ruleY([0]),
        ruleX(waits, {
          x: "from",
          y1: "p50",
          y2: "p99",
          stroke: INK.here,
          strokeOpacity: 0.45,
          strokeWidth: 2,
        }),
        dot(waits, { x: "from", y: "p99", stroke: INK.here, fill: "var(--surface)", r: 3 }),
        dot(waits, { x: "from", y: "p50", fill: INK.here, r: 4 }),
      ],
    };
  },

  bounds({ capacity, rate }) {
    const rows = [
      { name: "Inside at once", ...capacity },
      { name: "In 60 seconds", ...rate },
    ];
    return {
      marginLeft: 110,
      x: { label: "Shoppers →", ticks: 5, zero: true, nice: true },
      y: { label: null, domain: rows.map(({ name }) => name), padding: 0.35 },
      marks: [
        gridX({ ticks: 5 }),
        barX(rows, { x: "peak", y: "name", fill: INK.here, fillOpacity: 0.8 }),
        tickX(
          rows.filter(({ setting }) => setting !== null),
          { x: "setting", y: "name", stroke: INK.bound, strokeWidth: 3 },
        ),
      ],
    };
  },

  estimates({ estimates }) {
    const { judged = 1, early = 0, held = 0, late = 0 } = estimates ?? {};
    const rows = [
      { came: "Sooner", share: early / judged },
      { came: "As was said", share: held / judged },
      { came: "Later", share: late / judged },
    ];
    return {
      marginLeft: 90,
      x: { percent: true, domain: [0, 100], label: "Of the estimates (%) →", ticks: 5 },
      y: { label: null, domain: rows.map(({ came }) => came), padding: 0.25 },
      marks: [
        gridX({ ticks: 5 }),
        barX(rows, { x: "share", y: "came", fill: INK.here, fillOpacity: 0.8 }),
      ],
    };
  },
};
