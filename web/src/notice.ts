/** The place on a page for what went wrong. */
import { setText } from "./dom.ts";

/** Makes an alert's element the place; an empty text takes the notice back. */
export function createNotice(element: HTMLElement): (text: string) => void {
  return (text) => {
    setText(element, text);
    element.hidden = text === "";
    if (text !== "") {
      // What was pressed may be far below it.
      element.scrollIntoView({ block: "nearest" });
    }
  };
}
