import type { Row, Table } from "./results.ts";

const WIDTH = 860;
const LEFT = 190;
const RIGHT = 110;
const ROW_HEIGHT = 22;
const TITLE_HEIGHT = 34;
const AXIS_FACTOR = 1.05;

/** Requests a second of every system, work by work: the median as a dot, its interval as a line. */
export function renderPlot(tables: readonly Table[]): string {
  const parts: string[] = [];
  let top = 10;
  for (const table of tables) {
    parts.push(renderPanel(table, top));
    top += TITLE_HEIGHT + table.rows.length * ROW_HEIGHT + 10;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="13">
<title>Requests a second of each system at each work</title>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

/** Each work has a scale of its own, from 0. */
function renderPanel({ rows, voidFor, work }: Table, top: number): string {
  const counted = rows.filter(isCounted).map(({ perSecond }) => perSecond.high);
  const most = Math.max(1, ...counted) * AXIS_FACTOR;
  const x = (value: number): number => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const lines = rows.map((row, index) =>
    renderRow(row, top + TITLE_HEIGHT + index * ROW_HEIGHT, x),
  );
  const mark = voidFor === null ? "" : " (void: the ceiling is below its floor)";
  return `<text x="10" y="${top + 18}" font-weight="bold">${escaped(work.name + mark)}</text>
<line x1="${LEFT}" x2="${LEFT}" y1="${top + TITLE_HEIGHT - 8}" y2="${top + TITLE_HEIGHT + rows.length * ROW_HEIGHT - 6}" stroke="#999"/>
${lines.join("\n")}`;
}

function renderRow(row: Row, y: number, x: (value: number) => number): string {
  const name = `<text x="${LEFT - 8}" y="${y + 8}" text-anchor="end">${escaped(row.system)}</text>`;
  if (!isCounted(row))
    return `${name}<text x="${LEFT + 8}" y="${y + 8}" fill="#b00020">void</text>`;
  const { high, low, median } = row.perSecond;
  const [from, middle, to] = [low, median, high].map((value) => x(value).toFixed(1));
  const label = Math.round(median).toLocaleString("en-US");
  return `${name}<line x1="${from}" x2="${to}" y1="${y + 4}" y2="${y + 4}" stroke="#1f5fbf" stroke-width="3"/><circle cx="${middle}" cy="${y + 4}" r="4" fill="#1f5fbf"/><text x="${x(high) + 10}" y="${y + 8}">${label}/s</text>`;
}

function isCounted({ voidFor }: Row): boolean {
  return voidFor.length === 0;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
