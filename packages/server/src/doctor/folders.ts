import { randomUUID } from "node:crypto";
import { rm, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { timeText } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { diskStateOf } from "../disk/free-space.ts";
import { libraryFolder, ownLibraryFolder } from "../library/place.ts";
import { type Check, type Finding, note, ok, skipped, wrong } from "./finding.ts";

/** Network file systems by their Linux number (linux/magic.h). */
const NETWORK = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
  [0x517b, "SMB"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
]);

const GB = 1e9;

/** The folders of a server. The library may be on another server. */
const foldersOf = (config: Config): [name: string, folder: string][] => {
  const library = libraryFolder(config);
  const own: [string, string][] = [
    ["data", config.data],
    ["plugins", config.plugins],
  ];
  return library === undefined ? own : [...own, ["library", library]];
};

/** Writes a file, because permissions say nothing about a read-only disk or a container. */
const probe = async (folder: string): Promise<{ isWritable: boolean; ignoresCase: boolean }> => {
  const name = `.hitagi-doctor-${randomUUID()}`;
  const file = path.join(folder, `${name}-a`);
  try {
    await writeFile(file, "", { flag: "wx" });
    const other = await stat(path.join(folder, `${name}-A`)).catch(() => undefined);
    return { isWritable: true, ignoresCase: other !== undefined };
  } catch {
    return { isWritable: false, ignoresCase: false };
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
};

/** Whether other users of this machine can read a file. Windows has no such mode. */
const isExposed = ({ mode }: { mode: number }): boolean =>
  process.platform !== "win32" && (mode & 0o077) !== 0;

const ownerFinding = (name: string, found: { uid: number; mode: number }): Finding | undefined => {
  const uid = process.getuid?.();
  if (uid !== undefined && uid !== 0 && found.uid !== uid) {
    const text = `It belongs to user ${found.uid}, but this command runs as user ${uid}`;
    return note(`${name} folder`, text, "Run this command as the server's user.");
  }
  if (name !== "data" || !isExposed(found)) return undefined;
  const hint = "Its secret files are protected. Protect the folder too: chmod 700.";
  return note("data folder", "Other users of this machine can access it", hint);
};

const diskFindings = async (name: string, folder: string): Promise<Finding[]> => {
  const check = `${name} disk`;
  const { bavail, bsize, type } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / GB).toFixed(1)} GB free`;
  const findings: Finding[] = [];
  const network = NETWORK.get(type >>> 0);
  if (network && name === "data") {
    const hint = "SQLite's locks do not work on every network disk. Put HITAGI_DATA on a local disk.";
    findings.push(note(check, `It is a network disk (${network})`, hint));
  }
  const state = diskStateOf(free);
  if (state === "full") findings.push(wrong(check, text, "Free some space: installs and uploads fail."));
  else if (state === "low") findings.push(note(check, text, "Free some space soon."));
  else findings.push(ok(check, text));
  return findings;
};

/** A running server has created its folders, so it does not use a missing one. */
const missingFolder = (check: string, folder: string, isRunning: boolean): Finding =>
  isRunning
    ? note(
        check,
        `${folder} does not exist, but a server runs: it uses another folder`,
        "Give this command the server's HITAGI_… settings, so that it checks the same folders.",
      )
    : skipped(check, `${folder} does not exist yet; the first start creates it`);

/** A library that its owner names, and that no server makes. */
const missingLibrary = (folder: string): Finding =>
  wrong(
    "library folder",
    `${folder} does not exist`,
    "Mount its disk, or make the folder, then restart the server. If the archives are elsewhere, correct HITAGI_LIBRARY.",
  );

interface CheckedFolder {
  name: string;
  folder: string;
  isRunning: boolean;
  /** Whether a server makes it where it is missing. */
  isMade: boolean;
}

const checkFolder = async ({ name, folder, isRunning, isMade }: CheckedFolder): Promise<Finding[]> => {
  const check = `${name} folder`;
  const found = await stat(folder).catch(() => undefined);
  if (!found) return [isMade ? missingFolder(check, folder, isRunning) : missingLibrary(folder)];
  const { isWritable, ignoresCase } = await probe(folder);
  const findings: Finding[] = [];
  if (isWritable) findings.push(ownerFinding(name, found) ?? ok(check, folder));
  else {
    const report = name === "library" ? note : wrong;
    const hint = "Give it to the server's user (chown), or mount its disk for writing.";
    findings.push(report(check, `This user cannot write to ${folder}`, hint));
  }
  if (ignoresCase) {
    const hint = "Plugins whose names differ only in case are refused. Nothing else changes.";
    findings.push(note(check, "Its file system ignores case", hint));
  }
  return [...findings, ...(await diskFindings(name, folder))];
};

export const checkFolders: Check = async ({ config, holder }) => {
  const found = foldersOf(config).map(([name, folder]) => {
    const isMade = name !== "library" || folder === ownLibraryFolder(config);
    return checkFolder({ name, folder, isRunning: holder !== undefined, isMade });
  });
  return (await Promise.all(found)).flat();
};

export const checkKey: Check = async ({ config }) => {
  if (config.apiKey !== "") return [ok("api key", "It is configured (HITAGI_API_KEY)")];
  const found = await stat(path.join(config.data, "api-key")).catch(() => undefined);
  if (!found) return [skipped("api key", "None exists yet; the first start creates it")];
  if (!isExposed(found)) return [ok("api key", "Only its owner can read it")];
  const hint =
    "Run chmod 600 on the file api-key in the data folder. Users who read the key can do everything, so replace it: `hitagi key rotate`.";
  return [wrong("api key", "Other users of this machine can read it", hint)];
};

/** Files that were written in the future mean that the clock went back. */
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
  const time = timeText(now / 1000);
  if (Math.max(...written) <= now + 60_000) return [ok("clock", time)];
  const text = `It is ${time}, earlier than the last write to the data folder`;
  return [wrong("clock", text, "Set the clock: it decides when keys and certificates expire.")];
};
