import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventsDocument } from "../workers/purchase/events/document.ts";
import { ROOT } from "./paths.ts";

/** `npm run events`: writes the catalogue of events. */
await writeFile(join(ROOT, "docs/events.md"), eventsDocument());
