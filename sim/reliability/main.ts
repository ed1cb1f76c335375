import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRegressions } from "../regressions/regression.ts";
import { readExplained } from "./explained.ts";
import { renderReport } from "./report.ts";
import { readResults } from "./results.ts";

const FOLDER = join(import.meta.dirname, "../../docs/reliability");
const REPORT = join(FOLDER, "report.md");

const report = renderReport(readResults(FOLDER), readRegressions(), readExplained());
await writeFile(REPORT, report);
console.log(`Written to ${REPORT}`);
