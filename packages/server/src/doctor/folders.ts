import { randomUUID } from "node:crypto";
import { rm, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Config } from "../config/config.ts";
import { libraryFolder } from "../library/place.ts";
import { type Check, type Finding, note, ok, skipped, wrong } from "./types.ts";

/** File systems by the number that Linux gives them (linux/magic.h), where they are more than one machine's. */
const NETWORK = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x517b, "SMB"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
]);

const [MB, GB] = [1e6, 1e9];
/** Less is not enough for an install; less than the second is worth knowing. */
const [SCARCE, FEW] = [64 * MB, GB];

type Name = "data" | "plugins" | "library";

/** The library may be on another server. */
const foldersOf = (config: Config): [Name, string][] => {
  const library = libraryFolder(config);
  return [
    ["data", config.data],
    ["plugins", config.plugins],
    ...(library === undefined ? [] : [["library", library] as [Name, string]]),
  ];
};

/** Tries it instead of asking for rights: those of a read-only disk or of a container tell nothing. */
const probe = async (folder: string): Promise<{ writable: boolean; sameCase: boolean }> => {
  const name = `.hitagi-doctor-${randomUUID()}`;
  const file = path.join(folder, `${name}-a`);
  try {
    await writeFile(file, "", { flag: "wx" });
    const other = await stat(path.join(folder, `${name}-A`)).catch(() => undefined);
    return { writable: true, sameCase: other !== undefined };
  } catch {
    return { writable: false, sameCase: false };
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
};

const ownerFault = (name: string, found: { uid: number; mode: number }): Finding | undefined => {
  const uid = process.getuid?.();
  if (uid !== undefined && uid !== 0 && found.uid !== uid)
    return note(
      `${name} folder`,
      `It belongs to the user ${found.uid}, and this is ${uid}`,
      "Run this as the user that the server runs as.",
    );
  if (name === "data" && process.platform !== "win32" && (found.mode & 0o077) !== 0)
    return note(
      "data folder",
      "Other users of this machine may look into it",
      "Its files with secrets are closed to them; close the folder too: chmod 700.",
    );
  return undefined;
};

const diskFinding = async (name: string, folder: string): Promise<Finding[]> => {
  const { bavail, bsize, type } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / GB).toFixed(1)} GB free`;
  const kind = NETWORK.get(type >>> 0);
  const network =
    kind && name === "data"
      ? [
          note(
            "data disk",
            `It is on a network (${kind})`,
            "SQLite's locks do not hold on every such disk: put HITAGI_DATA on one of this machine.",
          ),
        ]
      : [];
  if (free < SCARCE)
    return [...network, wrong(`${name} disk`, text, "Free some space: installs and uploads fail.")];
  if (free < FEW) return [...network, note(`${name} disk`, text, "Free some space soon.")];
  return [...network, ok(`${name} disk`, text)];
};

/** A running server has made its folders, so that one which is missing is not its. */
const notHere = (check: string, folder: string): Finding =>
  note(
    check,
    `${folder} is not there, and a server runs: it has another`,
    "Give this command the server's own HITAGI_… settings, so that it looks at the same folders.",
  );

const checkFolder = async (name: Name, folder: string, runs: boolean): Promise<Finding[]> => {
  const check = `${name} folder`;
  const found = await stat(folder).catch(() => undefined);
  if (!found && runs) return [notHere(check, folder)];
  if (!found) return [skipped(check, `${folder} is not there yet; the first start makes it`)];
  const { writable, sameCase } = await probe(folder);
  const lax = name === "library";
  const unwritable = `${folder} cannot be written by this user`;
  const rights = "Give it to the user that the server runs as (chown), or mount its disk for writing.";
  const fault = ownerFault(name, found);
  return [
    ...(writable ? [fault ?? ok(check, folder)] : [(lax ? note : wrong)(check, unwritable, rights)]),
    ...(sameCase
      ? [
          note(
            check,
            "Its disk does not tell capitals from small letters",
            "Plugins whose names differ in that only are refused there; nothing else follows.",
          ),
        ]
      : []),
    ...(await diskFinding(name, folder)),
  ];
};

export const checkFolders: Check = async ({ config, holder }) => {
  const runs = holder !== undefined;
  return (
    await Promise.all(foldersOf(config).map(([name, folder]) => checkFolder(name, folder, runs)))
  ).flat();
};

export const checkKey: Check = async ({ config }) => {
  if (config.apiKey !== "") return [ok("api key", "It is configured (HITAGI_API_KEY)")];
  const found = await stat(path.join(config.data, "api-key")).catch(() => undefined);
  if (!found) return [skipped("api key", "There is none yet; the first start makes it")];
  if (process.platform === "win32" || (found.mode & 0o077) === 0)
    return [ok("api key", "Only its owner can read it")];
  return [
    wrong(
      "api key",
      "Other users of this machine can read it",
      `chmod 600 api-key in the data folder; whoever read it may do everything, so make a new one: \`hitagi key rotate\`.`,
    ),
  ];
};

/** Files that were written later than now say that the clock went back. */
export const checkClock: Check = async ({ config }) => {
  const now = Date.now();
  const written = await Promise.all(
    ["hitagi.db", "hitagi.db-wal", "api-key"].map((name) =>
      stat(path.join(config.data, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const text = new Date(now).toISOString();
  if (Math.max(...written) <= now + 60_000) return [ok("clock", text)];
  return [
    wrong(
      "clock",
      `It is ${text}, earlier than the data folder was written`,
      "Set the clock: keys expire and certificates are judged by it.",
    ),
  ];
};
