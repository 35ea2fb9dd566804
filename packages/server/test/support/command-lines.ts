import { readdir, readFile } from "node:fs/promises";

/** Command lines of every process of this machine; Linux only, none elsewhere. */
export const commandLines = async (): Promise<string[]> => {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
};
