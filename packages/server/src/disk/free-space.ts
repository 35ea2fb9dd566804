import { statfs } from "node:fs/promises";

const [MB, GB] = [1e6, 1e9];
/** Below the first, installs and uploads fail; below the second, a warning is due. */
const [SCARCE, LOW] = [64 * MB, GB];

type DiskState = "ok" | "low" | "full";

export const diskStateOf = (free: number): DiskState => (free < SCARCE ? "full" : free < LOW ? "low" : "ok");

/** The fullest of the disks that these folders are on; undefined if none can be asked. */
export const fullestDisk = async (folders: readonly string[]): Promise<DiskState | undefined> => {
  const asked = folders.map((folder) => statfs(folder).then(({ bavail, bsize }) => bavail * bsize));
  const found = (await Promise.allSettled(asked)).filter((one) => one.status === "fulfilled");
  return found.length === 0 ? undefined : diskStateOf(Math.min(...found.map(({ value }) => value)));
};
