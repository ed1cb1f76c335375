import axe, { type AxeResults, type RunOptions } from "axe-core";
import type { Page } from "playwright-core";

/** What is checked: WCAG 2.2 up to level AA, and what axe's authors hold to be good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What keeps people from using a page as it stands, in light or in dark, a line each: rule, where, what to do. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // By the debugger, so that the page's content policy stays on.
  await page.evaluate(axe.source);
  const found = await violations(page, RULES);
  await page.emulateMedia({ colorScheme: "dark" });
  const inTheDark = await violations(page, { type: "rule", values: ["color-contrast"] });
  await page.emulateMedia({ colorScheme: null });
  return [...found, ...inTheDark.map((problem) => `in the dark: ${problem}`)];
}

async function violations(
  page: Page,
  runOnly: NonNullable<RunOptions["runOnly"]>,
): Promise<string[]> {
  const options: RunOptions = { runOnly, resultTypes: ["violations"] };
  const results = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary ?? ""}`,
    ),
  );
}
