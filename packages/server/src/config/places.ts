import { statSync } from "node:fs";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { parseShareAddress } from "../artifacts/shares/address.ts";
import { libraryPlace } from "../library/place.ts";
import { parseRedisAddress, REDIS_SCHEMES } from "../store/redis/address.ts";

const invalid = (name: string, reason: string) => new HitagiError("CONFIG_INVALID", { name, reason });

/** What stands at a path: undefined for nothing, or for what this user may not see, which is told when it is used. */
const standing = (at: string): "folder" | "other" | undefined => {
  try {
    return statSync(at).isDirectory() ? "folder" : "other";
  } catch {
    return undefined;
  }
};

/**
 * Checks that a path is a folder or can become one: nothing but folders stands in its way.
 * @throws HitagiError CONFIG_INVALID naming the setting, and not the path
 */
export const checkFolder = (folder: string, setting: string): void => {
  const found = standing(folder);
  if (found === "folder") return;
  if (found === "other") throw invalid(setting, "a file that is no folder is in its place");
  const parent = path.dirname(folder);
  if (parent !== folder) checkFolder(parent, setting);
};

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether an address is where this server itself will listen, as far as that can be seen: it would ask itself for ever. */
const isOwn = ({ protocol, hostname, port }: URL, own: { host: string; port: number }): boolean => {
  const there = Number(port || (protocol === "https:" ? 443 : 80));
  return there === own.port && (LOOPBACK.has(hostname) || hostname === own.host);
};

/**
 * The library's setting, a folder made absolute.
 * @param own where this server is to listen
 * @throws HitagiError CONFIG_INVALID
 */
export const checkedLibrary = (
  library: string,
  setting: string,
  own: { host: string; port: number },
): string => {
  const place = libraryPlace(library, setting);
  if (place.kind === "folder") {
    checkFolder(place.folder, setting);
    return place.folder;
  }
  if (isOwn(place.address, own)) {
    throw invalid(setting, "it is the address of this server itself; give one of the two another port");
  }
  return library;
};

const SQLITE = "sqlite:";

/**
 * Checks that a store's setting names a file that is there or can be made, or has the form of a Redis' address.
 * @throws HitagiError CONFIG_INVALID
 */
export const checkStore = (store: string, setting: string): void => {
  if (REDIS_SCHEMES.some((scheme) => store.startsWith(scheme))) {
    const address = parseRedisAddress(store);
    if ("fault" in address) throw invalid(setting, address.fault);
    return;
  }
  if (!store.startsWith(SQLITE)) throw invalid(setting, "neither sqlite:<path> nor the address of a Redis");
  const file = store.slice(SQLITE.length);
  if (file.trim() === "") throw invalid(setting, "sqlite: is not followed by the path of a file");
  if (standing(file) === "folder") throw invalid(setting, "it names a folder where a file is wanted");
  checkFolder(path.dirname(path.resolve(file)), setting);
};

/** The settings that say where artifacts are shared. */
interface ArtifactSettings {
  store: string;
  artifacts: string;
  s3Region: string;
  s3KeyId: string;
  s3Secret: string;
}

/**
 * Checks that the place where artifacts are shared is one, and that there is somebody to share them with: with SQLite they are this server's
 * own.
 * @throws HitagiError CONFIG_INVALID
 */
export const checkArtifacts = ({ store, artifacts, ...s3 }: ArtifactSettings): void => {
  const place = parseShareAddress(artifacts);
  if ("fault" in place) throw invalid("HITAGI_ARTIFACTS", place.fault);
  if (place.kind === "store") return;
  if (store.startsWith(SQLITE)) {
    throw invalid(
      "HITAGI_ARTIFACTS",
      "only servers on a Redis share them; `hitagi backup` keeps those of one on SQLite",
    );
  }
  if (place.kind !== "bucket") return;
  if (!/^[a-z0-9-]+$/.test(s3.s3Region)) throw invalid("HITAGI_S3_REGION", "not the name of a region");
  if (s3.s3KeyId === "") throw invalid("HITAGI_S3_KEY_ID", "a bucket needs a key");
  if (s3.s3Secret === "") throw invalid("HITAGI_S3_SECRET", "a bucket needs a key with its secret");
};
