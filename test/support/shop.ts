import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
} from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { loadWebhookSecret } from "../../local/secrets.ts";
import { startLocal, type LocalSystem } from "../../local/start-local.ts";
import {
  sandboxWebhook,
  type SandboxNews,
} from "../../workers/purchase/providers/sandbox-webhooks.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { browserMissing, launchBrowser, photograph } from "./browser.ts";
import { Client } from "./client.ts";

/** Where the pictures go; git ignores it. */
export const PICTURES = "test-results/screenshots";
/** A step of the page may take a poll or two. */
const STEP_MAX_MS = 20_000;

/** The running system, and browsers before it. */
export class Shop {
  readonly system: LocalSystem;
  readonly client: Client;
  readonly #browser: Browser;
  readonly #stateDirectory: string;

  private constructor(system: LocalSystem, browser: Browser, stateDirectory: string) {
    this.system = system;
    this.client = new Client((url, init) => fetch(`${system.url}${url}`, init), system.adminToken);
    this.#browser = browser;
    this.#stateDirectory = stateDirectory;
  }

  static async open(): Promise<Shop> {
    const stateDirectory = await mkdtemp(path.join(tmpdir(), "ropeline-browser-"));
    const system = await startLocal({ port: 0, stateDirectory, quiet: true });
    return new Shop(system, await launchBrowser(), stateDirectory);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.system.stop();
    await rm(this.#stateDirectory, { recursive: true, force: true });
  }

  /** A browser of a shopper of their own. Nothing moves on its pages, so that colours are final. */
  shopper(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const viewport = { width: 1280, height: 844 };
    return this.#browser.newContext({ viewport, reducedMotion: "reduce", ...options });
  }

  /** A page of the shop; what goes wrong on it fails the test. */
  async visit(address: string, shopper?: BrowserContext): Promise<Page> {
    const page = await (shopper ?? (await this.shopper())).newPage();
    page.setDefaultTimeout(STEP_MAX_MS);
    page.on("pageerror", (error) => {
      throw error;
    });
    await page.goto(`${this.system.url}${address}`);
    return page;
  }

  /** A sale's page. */
  visitSale(saleId: string, shopper?: BrowserContext): Promise<Page> {
    return this.visit(`/sale.html?id=${saleId}`, shopper);
  }

  /** Tells the shop of a payment, as the sandbox does and under its secret; the status of the answer. */
  async tell(news: SandboxNews): Promise<number> {
    const secret = await loadWebhookSecret(
      path.join(this.#stateDirectory, "sandbox-webhook-secret"),
    );
    const { body, headers } = sandboxWebhook(secret, news, Date.now());
    const init = { method: "POST", body, headers };
    return (await fetch(`${this.system.url}/api/v1/payments/webhooks/sandbox`, init)).status;
  }

  /** So many shoppers without a browser join and do nothing more; their tickets. */
  crowd(saleId: string, shoppers: number): Promise<string[]> {
    const join = async (): Promise<string> => {
      const bearer = await this.client.guest();
      const joined = await this.client.call("POST", `/sales/${saleId}/queue`, { bearer, body: {} });
      return String(joined.body["ticket"]);
    };
    return Promise.all(Array.from({ length: shoppers }, join));
  }
}

/** Opens a shop before the tests of a file and closes it after them; not where there is no browser. */
export function useShop(): () => Shop {
  let shop: Shop | null = null;
  beforeAll(async () => {
    shop = browserMissing() === null ? await Shop.open() : null;
  });
  afterAll(() => shop?.close());
  return () => {
    if (!shop) throw new Error("There is no shop outside the tests.");
    return shop;
  };
}

/** Waits until a sale's page shows a state, in a number of milliseconds if need be. */
export async function shows(page: Page, state: string, timeout = STEP_MAX_MS): Promise<void> {
  await page.waitForSelector(`main[data-state="${state}"]`, { timeout });
}

/** Takes pictures of a page as it is, and lets nothing pass that keeps somebody from using it. */
export async function picture(page: Page, name: string, inSight?: Locator): Promise<void> {
  await photograph(page, PICTURES, name, inSight);
  expect(await accessibilityProblems(page), name).toEqual([]);
}

/** The place that a page shows: its number, and how many are ahead. */
export async function placeOf(page: Page): Promise<{ number: string; ahead: string }> {
  const number = await page.getByTestId("number").textContent();
  const ahead = await page.getByTestId("place").textContent();
  return { number: number ?? "", ahead: ahead ?? "" };
}
