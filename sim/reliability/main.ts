import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRegressions } from "../regressions/regression.ts";
import { renderReport } from "./report.ts";
import { readResults } from "./results.ts";

const FOLDER = join(import.meta.dirname, "../../docs/reliability");
const REPORT = join(FOLDER, "report.md");

await writeFile(REPORT, renderReport(readResults(FOLDER), readRegressions()));
console.log(`Written to ${REPORT}`);
