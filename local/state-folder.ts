import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LocalError, errorCode } from "./local-error.ts";
import {
  loadAdminToken,
  loadLogKeys,
  loadTokenKeys,
  loadWebhookSecret,
  readIfPresent,
} from "./secrets.ts";

/** The result code of SQLite when a lock is held by someone else. */
const SQLITE_BUSY = 5;

/** For the owner alone: the database holds names and addresses. */
const STATE_FOLDER_MODE = 0o700;

/** What outlives a run, by name inside the folder. */
const KEPT = {
  resources: "resources",
  secrets: "secrets.json",
  adminToken: "admin-token",
  webhookSecret: "sandbox-webhook-secret",
  logKeys: "log-keys",
};

/** The lock, and beside it the process id of its holder, for the message to the next one. */
const LOCK = "lock.sqlite";
const HOLDER = "running.pid";

/** An opened state folder. No other process can open it until this one closes it or ends. */
export interface StateFolder {
  /** Files of objects, D1 and the like. */
  resourceDirectory: string;
  /** Loads the signing keys, or makes them at the first start. */
  loadTokenKeys(): Promise<string>;
  /** Loads the admin token, or makes it at the first start. */
  loadAdminToken(): Promise<string>;
  /** Loads what the sandbox signs its webhooks with, or makes it at the first start. */
  loadWebhookSecret(): Promise<string>;
  /** Loads what signs the heads of public logs, or makes it at the first start. */
  loadLogKeys(): Promise<string>;
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
  const lock = await makeAndLock(directory);
  return {
    resourceDirectory: join(directory, KEPT.resources),
    loadTokenKeys: () => loadTokenKeys(join(directory, KEPT.secrets)),
    loadAdminToken: () => loadAdminToken(join(directory, KEPT.adminToken)),
    loadWebhookSecret: () => loadWebhookSecret(join(directory, KEPT.webhookSecret)),
    loadLogKeys: () => loadLogKeys(join(directory, KEPT.logKeys)),
    async wipe(): Promise<void> {
      // By name, never the folder itself: a mistaken ROPELINE_STATE must not cost anyone their files.
      for (const name of Object.values(KEPT)) {
        await rm(join(directory, name), { recursive: true, force: true });
      }
    },
    async close(): Promise<void> {
      await rm(join(directory, HOLDER), { force: true });
      lock.close();
    },
  };
}

/**
 * An SQLite file serves as the lock: the operating system lets go of it when its holder ends, also
 * by SIGKILL, and no process id that someone else uses by now can keep the folder closed.
 */
async function makeAndLock(directory: string): Promise<DatabaseSync> {
  const holderFile = join(directory, HOLDER);
  let lock: DatabaseSync | undefined;
  try {
    await makeFolder(directory);
    lock = new DatabaseSync(join(directory, LOCK));
    lock.exec("BEGIN EXCLUSIVE");
    await writeFile(holderFile, `${process.pid}\n`);
    return lock;
  } catch (error) {
    lock?.close();
    if (isLocked(error)) {
      const holder = (await readIfPresent(holderFile))?.trim() ?? "";
      throw new LocalError(
        `${holder === "" ? "another process" : `process ${holder}`} already runs on the state ` +
          `folder ${directory}. Stop it first, or choose another: ROPELINE_STATE=<folder> npm start`,
      );
    }
    const reason = errorCode(error) ?? String(error);
    throw new LocalError(
      `cannot write to the state folder ${directory} (${reason}). ` +
        `Make it a folder you can write to, or choose another: ROPELINE_STATE=<folder> npm start`,
    );
  }
}

/** Makes the folder, not its parents: those would more often be a slip of the pen than meant. */
async function makeFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: STATE_FOLDER_MODE });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

/** Whether SQLite refused because another process holds the lock. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
