/** A large countdown in days, hours, minutes and seconds. */
import { h, setText } from "./dom.ts";
import { padTwo, splitTime } from "./format.ts";

/** A countdown on the page; `update` takes the time that is left. */
export interface Countdown {
  readonly root: HTMLElement;
  readonly update: (leftMs: number) => void;
}

/** Builds a countdown. Readers can look at it, but are not told every second. */
export function createCountdown(label: string): Countdown {
  const units = ["days", "hours", "minutes", "seconds"] as const;
  const figures = units.map(() => h("span", { class: "countdown-figure" }, "00"));
  const blocks = units.map((unit, index) =>
    h("span", { class: "countdown-unit" }, figures[index] ?? null, h("span", {}, unit)),
  );
  return {
    root: h("div", { class: "countdown", role: "timer", "aria-label": label }, ...blocks),
    update(leftMs) {
      const left = splitTime(leftMs);
      for (const [index, unit] of units.entries()) {
        const figure = figures[index];
        if (figure !== undefined) {
          setText(figure, padTwo(left[unit]));
        }
      }
      blocks[0]?.toggleAttribute("hidden", left.days === 0);
    },
  };
}
