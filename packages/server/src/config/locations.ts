import { statSync } from "node:fs";
import path from "node:path";
import { parseShareAddress } from "../artifacts/shares/address.ts";
import { libraryPlace } from "../library/place.ts";
import { parseRedisAddress, REDIS_SCHEMES } from "../store/redis/address.ts";
import { invalidSetting } from "./values.ts";

/** What a path is; undefined if nothing exists, or if this user may not see it, which a later use reports. */
const kindOf = (file: string): "folder" | "other" | undefined => {
  try {
    return statSync(file).isDirectory() ? "folder" : "other";
  } catch {
    return undefined;
  }
};

/**
 * Checks that a path is a folder or can become one.
 * @throws HitagiError CONFIG_INVALID with the setting's name, without the path
 */
export const checkFolder = (folder: string, setting: string): void => {
  const kind = kindOf(folder);
  if (kind === "folder") return;
  if (kind === "other") throw invalidSetting(setting, "a file that is no folder is in its place");
  const parent = path.dirname(folder);
  if (parent !== folder) checkFolder(parent, setting);
};

/**
 * Checks a folder that exists although no setting names it: another user who may write to it could know or set the API key.
 * @throws HitagiError CONFIG_INVALID with the setting's name
 */
export const checkFoundFolder = (folder: string, setting: string): void => {
  const uid = process.getuid?.();
  const found = statSync(folder, { throwIfNoEntry: false });
  if (uid === undefined || !found || (found.uid === uid && (found.mode & 0o002) === 0)) return;
  const reason =
    "the folder that is there by default is one that another user may write to; name it if you trust it";
  throw invalidSetting(setting, reason);
};

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address is this server's own, as far as the settings show. Such a library would poll itself. */
const isOwn = ({ protocol, hostname, port }: URL, own: { host: string; port: number }): boolean =>
  Number(port || (protocol === "https:" ? 443 : 80)) === own.port &&
  (LOOPBACK.has(hostname) || hostname === own.host);

/**
 * The setting of the library. A folder becomes absolute.
 * @param own the address that this server listens on
 * @throws HitagiError CONFIG_INVALID
 */
export const resolveLibrary = (
  library: string,
  setting: string,
  own: { host: string; port: number },
): string => {
  const place = libraryPlace(library, setting);
  if (place.kind === "folder") {
    checkFolder(place.folder, setting);
    return place.folder;
  }
  if (!isOwn(place.address, own)) return library;
  const reason = "it is the address of this server itself; give one of the two another port";
  throw invalidSetting(setting, reason);
};

const SQLITE = "sqlite:";

/**
 * Checks that a store is a file that exists or can be made, or has the form of a Redis address.
 * @throws HitagiError CONFIG_INVALID
 */
export const checkStore = (store: string, setting: string): void => {
  if (REDIS_SCHEMES.some((scheme) => store.startsWith(scheme))) {
    const address = parseRedisAddress(store);
    if ("fault" in address) throw invalidSetting(setting, address.fault);
    return;
  }
  if (!store.startsWith(SQLITE))
    throw invalidSetting(setting, "neither sqlite:<path> nor the address of a Redis");
  const file = store.slice(SQLITE.length);
  if (file.trim() === "") throw invalidSetting(setting, "sqlite: is not followed by the path of a file");
  if (kindOf(file) === "folder") throw invalidSetting(setting, "it names a folder where a file is needed");
  checkFolder(path.dirname(path.resolve(file)), setting);
};

/** The files of a store on this machine: SQLite's, with those that it makes beside it. */
export const storeFiles = (store: string): string[] => {
  if (!store.startsWith(SQLITE)) return [];
  const file = path.resolve(store.slice(SQLITE.length));
  return ["", "-wal", "-shm", "-journal"].map((ending) => `${file}${ending}`);
};

/**
 * Checks where artifacts are shared. With SQLite they are not, because only one server uses them.
 * @throws HitagiError CONFIG_INVALID
 */
export const checkArtifacts = ({
  store,
  artifacts,
  ...s3
}: Record<"store" | "artifacts" | "s3Region" | "s3KeyId" | "s3Secret", string>): void => {
  const share = parseShareAddress(artifacts);
  if ("fault" in share) throw invalidSetting("HITAGI_ARTIFACTS", share.fault);
  if (share.kind === "store") return;
  if (store.startsWith(SQLITE)) {
    const reason = "only servers on a Redis share them; `hitagi backup` keeps those of one on SQLite";
    throw invalidSetting("HITAGI_ARTIFACTS", reason);
  }
  if (share.kind !== "bucket") return;
  if (!/^[a-z0-9-]+$/.test(s3.s3Region)) throw invalidSetting("HITAGI_S3_REGION", "not the name of a region");
  if (s3.s3KeyId === "") throw invalidSetting("HITAGI_S3_KEY_ID", "a bucket needs a key");
  if (s3.s3Secret === "") throw invalidSetting("HITAGI_S3_SECRET", "a bucket needs a key with its secret");
};
