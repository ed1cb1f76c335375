/** Small helpers to build and change the page without a framework and without HTML in strings. */

type Child = Node | string | null | false;
type Listener = (event: Event) => void;
/** Attributes as they are written in HTML; `true` writes an empty one, null and false none. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | null | undefined | Listener>
>;

const SVG = "http://www.w3.org/2000/svg";

function apply(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** An HTML element; an attribute whose value is a function listens to the event of that name. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  apply(element, attributes);
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** An SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag);
  apply(element, attributes);
  element.append(...children);
  return element;
}

/** Sets a text only where it differs, so that live regions and selections are left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Shows or hides an element for everyone, readers included. */
export function setShown(element: HTMLElement, shown: boolean): void {
  element.hidden = !shown;
}

/**
 * The page's element with an id.
 * @throws Error when the page has none: markup and script then do not belong together
 */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`The page has no element with id "${id}".`);
  }
  return element;
}

/** Moves the focus to a heading or panel, so that keyboard and reader users follow a change. */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  // A browser's own scrolling would also move what is in sight already.
  element.scrollIntoView({ block: "nearest" });
}
