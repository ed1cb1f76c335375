import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";

/** Debian's Chromium, or the one that `CHROMIUM` names. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
/** A phone and a desktop. */
const WIDTHS_PX = [390, 1280] as const;
const HEIGHT_PX = 844;

/** Why the browser tests cannot run here; `null` when they can. In CI they have to. */
export function browserMissing(): string | null {
  if (existsSync(CHROMIUM)) return null;
  const reason = `no browser at ${CHROMIUM}: install Chromium or set CHROMIUM=<path>`;
  if (process.env["CI"] !== undefined)
    throw new Error(`The browser test is required in CI: ${reason}.`);
  return reason;
}

/** Starts the browser without its calls home. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Takes a picture of the page as it is, at phone and at desktop size; with what has to be in sight. */
export async function photograph(
  page: Page,
  directory: string,
  name: string,
  inSight?: Locator,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: HEIGHT_PX });
    await inSight?.scrollIntoViewIfNeeded();
    await page.screenshot({ path: path.join(directory, `${name}-${width}.png`) });
  }
}
