import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** What is checked: WCAG 2.2 up to level AA, and what axe's authors hold to be good practice. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What keeps people from using a page as it stands, a line each: rule, where, what to do. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Both by the debugger, so that the page's content policy stays on.
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(
    `axe.run({ runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] })`,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary ?? ""}`,
    ),
  );
}
