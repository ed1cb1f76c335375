// Starts a TypeScript tool of this folder: `node local/launch.mjs start [arguments]`. Plain
// JavaScript of the oldest kind, since its job is to say clearly what is missing on a machine where
// the TypeScript files themselves cannot run.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The first Node.js that runs TypeScript files without a flag. */
const NODE_MIN = [22, 18];

const tool = process.argv[2];
const problem = findProblem(tool);
if (problem === undefined) {
  // The tool sees the arguments as if it had been started itself.
  process.argv.splice(1, 2, fileURLToPath(new URL(`./${tool}.ts`, import.meta.url)));
  await import(`./${tool}.ts`);
} else {
  console.error(`ropeline: ${problem}`);
  process.exitCode = 1;
}

/** What keeps the tool from running, as one sentence with the way out; undefined when nothing does. */
function findProblem(name) {
  if (!existsSync(new URL("../node_modules/wrangler/package.json", import.meta.url))) {
    return "the dependencies are not installed. Run: npm install";
  }
  if (isOlder(process.versions.node, NODE_MIN)) {
    const version = process.versions.node;
    return process.env["npm_lifecycle_event"] === undefined
      ? `Node.js ${version} cannot run this file. Use npm, which brings a newer one: npm ${name === "start" ? "start" : `run ${name}`}`
      : `Node.js ${version} is too old here. Install version 24 or newer.`;
  }
  if (name === undefined || !existsSync(new URL(`./${name}.ts`, import.meta.url))) {
    return `there is no tool named ${name}. Usage: node local/launch.mjs <start|dev|build|types>`;
  }
  return undefined;
}

function isOlder(version, [majorMin, minorMin]) {
  const [major, minor] = version.split(".").map(Number);
  return major < majorMin || (major === majorMin && minor < minorMin);
}
