import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LocalError, errorCode } from "./local-error.ts";

/** 256 bits: the strength of the MAC that the key is for. */
const TOKEN_KEY_BYTES = 32;

/** 192 bits: beyond guessing, and short enough to copy from a terminal. */
const ADMIN_TOKEN_BYTES = 24;

/** The result code of SQLite when a lock is held by someone else. */
const SQLITE_BUSY = 5;

/** Readable and writable by the owner alone. */
const SECRET_FILE_MODE = 0o600;

/** The same for the folder: the database holds names and addresses. */
const STATE_FOLDER_MODE = 0o700;

/** What `npm start` keeps between runs, all in one folder. */
const ENTRIES = {
  resources: "resources",
  secrets: "secrets.json",
  adminToken: "admin-token",
  lock: "lock.sqlite",
  holder: "running.json",
};

/** The secrets of the local system, bound to the Workers. */
export interface LocalSecrets {
  /** Signing keys, `kid:base64url`, the first one signs. */
  TOKEN_KEYS: string;
}

/** An opened state folder. No other process can open it until this one closes it or ends. */
export interface StateFolder {
  /** Files of objects, D1 and the like. */
  resourceDirectory: string;
  /** Loads the secrets, or makes them at the first start. */
  loadSecrets(): Promise<LocalSecrets>;
  /** Loads the admin token, or makes it at the first start. */
  loadAdminToken(): Promise<string>;
  /** Removes all that was kept. */
  wipe(): Promise<void>;
  /** Lets others open the folder. */
  close(): Promise<void>;
}

/**
 * Opens, and where needed makes, the folder that the local system keeps its state in.
 *
 * @throws LocalError when it cannot be written to, or when another process has it open.
 */
export async function openStateFolder(directory: string): Promise<StateFolder> {
  const path = (name: string): string => join(directory, name);
  try {
    await mkdir(directory, { recursive: true, mode: STATE_FOLDER_MODE });
    await writeFile(path(".write-test"), "");
    await rm(path(".write-test"));
  } catch (error) {
    throw new LocalError(
      `cannot write to the state folder ${directory} (${errorCode(error) ?? String(error)}). ` +
        `Make it writable, or choose another one: ROPELINE_STATE=<folder> npm start`,
    );
  }
  const lock = await acquireLock(directory);
  const loadSecrets = async (): Promise<LocalSecrets> => {
    const kept = await readIfPresent(path(ENTRIES.secrets));
    if (kept !== undefined) return parseSecrets(kept, path(ENTRIES.secrets));
    const secrets = { TOKEN_KEYS: makeTokenKeys() };
    await writeSecretFile(path(ENTRIES.secrets), `${JSON.stringify(secrets, null, 2)}\n`);
    return secrets;
  };
  const loadAdminToken = async (): Promise<string> => {
    const kept = (await readIfPresent(path(ENTRIES.adminToken)))?.trim();
    if (kept !== undefined && kept !== "") return kept;
    const token = randomBytes(ADMIN_TOKEN_BYTES).toString("base64url");
    await writeSecretFile(path(ENTRIES.adminToken), `${token}\n`);
    return token;
  };
  return {
    resourceDirectory: path(ENTRIES.resources),
    loadSecrets,
    loadAdminToken,
    async wipe(): Promise<void> {
      // By name, never the folder itself: a mistaken ROPELINE_STATE must not cost anyone their files.
      const kept = [ENTRIES.resources, ENTRIES.secrets, ENTRIES.adminToken];
      for (const name of kept) await rm(path(name), { recursive: true, force: true });
    },
    async close(): Promise<void> {
      await rm(path(ENTRIES.holder), { force: true });
      lock.close();
    },
  };
}

/** Signing keys as the Workers read them: one fresh random key named `k1`. */
export function makeTokenKeys(): string {
  return `k1:${randomBytes(TOKEN_KEY_BYTES).toString("base64url")}`;
}

/** Writes a file that only its owner can read. */
export async function writeSecretFile(path: string, contents: string): Promise<void> {
  await writeFile(path, contents, { mode: SECRET_FILE_MODE });
  // The mode above holds for new files only.
  await chmod(path, SECRET_FILE_MODE);
}

/**
 * An SQLite file serves as the lock: the operating system lets go of it when its holder ends, also
 * by SIGKILL, and no process id that someone else uses by now can keep the folder closed.
 */
async function acquireLock(directory: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(join(directory, ENTRIES.lock));
  const holderFile = join(directory, ENTRIES.holder);
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isLocked(error)) throw error;
    const holder = (await readIfPresent(holderFile))?.trim() ?? "";
    const who = holder === "" ? "another process" : `process ${holder}`;
    throw new LocalError(
      `${who} already runs on the state folder ${directory}. ` +
        `Stop it first, or choose another folder: ROPELINE_STATE=<folder> npm start`,
    );
  }
  await writeFile(holderFile, `${process.pid}\n`);
  return lock;
}

/** Whether SQLite refused because another process holds the lock (SQLITE_BUSY). */
function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function parseSecrets(text: string, path: string): LocalSecrets {
  const broken = new LocalError(
    `${path} is damaged. Restore it, or start over with an empty state: npm start -- --fresh`,
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken;
  }
  if (typeof value !== "object" || value === null || !("TOKEN_KEYS" in value)) throw broken;
  if (typeof value.TOKEN_KEYS !== "string") throw broken;
  return { TOKEN_KEYS: value.TOKEN_KEYS };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
