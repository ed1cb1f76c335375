/** The progress through the line, drawn as what it is: a rope along posts, and where one stands. */
import { h, svg } from "./dom.ts";

const POSTS = [20, 160, 300, 440, 580];
const TOP_Y = 22;
const FLOOR_Y = 98;
/** How far a rope hangs between two posts. */
const SAG = 96;
/** The rope's length in its own units, so that a share of it is a share of this. */
const ROPE_LENGTH = 1_000;

/** A rope on the page. */
export interface Rope {
  readonly root: HTMLElement;
  /** Shows how far along (0 to 1), or none when nothing is known; `text` is what readers hear. */
  readonly update: (share: number | null, text: string) => void;
}

function swags(posts: readonly number[]): string {
  return posts
    .map((x, index) => {
      const before = posts[index - 1];
      return before === undefined ? `M${x} ${TOP_Y}` : `Q${(before + x) / 2} ${SAG} ${x} ${TOP_Y}`;
    })
    .join("");
}

function post(x: number): SVGGElement {
  return svg(
    "g",
    { class: "rope-post" },
    svg("path", { d: `M${x} ${TOP_Y - 6}V${FLOOR_Y - 4}` }),
    svg("path", { d: `M${x - 13} ${FLOOR_Y}h26` }),
    svg("circle", { cx: x, cy: TOP_Y - 10, r: 6 }),
  );
}

/** Builds the rope of the waiting view. */
export function createRope(): Rope {
  const path = swags(POSTS);
  const line = { d: path, pathLength: ROPE_LENGTH };
  const walked = svg("path", {
    ...line,
    class: "rope-walked",
    "stroke-dasharray": `0 ${ROPE_LENGTH}`,
  });
  const track = svg("path", { ...line, class: "rope-track" });
  const marker = svg("circle", { class: "rope-marker", r: 11 });
  const root = h(
    "div",
    { class: "rope", role: "progressbar", "aria-label": "Progress through the line" },
    svg(
      "svg",
      { viewBox: "0 0 600 112", "aria-hidden": "true" },
      track,
      svg("path", { ...line, class: "rope-twist" }),
      walked,
      ...POSTS.map(post),
      marker,
    ),
  );
  return {
    root,
    update(share, text) {
      marker.toggleAttribute("hidden", share === null);
      root.setAttribute("aria-valuetext", text);
      if (share === null) {
        root.removeAttribute("aria-valuenow");
        return;
      }
      root.setAttribute("aria-valuenow", String(Math.round(share * 100)));
      walked.setAttribute("stroke-dasharray", `${share * ROPE_LENGTH} ${ROPE_LENGTH}`);
      const { x, y } = track.getPointAtLength(track.getTotalLength() * share);
      marker.style.transform = `translate(${x}px, ${y}px)`;
    },
  };
}

/** The rope taken off its hook: the way in is open. */
export function openRope(): SVGSVGElement {
  const [first = 0, second = 0, third = 0] = POSTS;
  return svg(
    "svg",
    { class: "rope rope-open", viewBox: "0 0 600 112", "aria-hidden": "true" },
    svg("path", { class: "rope-track", d: swags([first, second, third]) }),
    svg("path", { class: "rope-twist", d: swags([first, second, third]) }),
    svg("path", { class: "rope-loose", d: `M${third} ${TOP_Y}q34 30 24 68` }),
    svg("circle", { class: "rope-hook", cx: third + 24, cy: TOP_Y + 70, r: 5 }),
    ...POSTS.filter((x) => x !== POSTS[3]).map(post),
  );
}
