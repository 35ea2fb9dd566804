import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { findBuilt } from "../../disk/find-program.ts";
import { SDK_FOLDER } from "./project-files.ts";

/** The SDK as the build puts it beside the program: its types, and the test kit as JavaScript. */
const sdkFolder = (): string =>
  path.dirname(
    findBuilt("sdk/package.json", "the SDK is not beside the program: build it with `npm run build`"),
  );

/** The folder of the package `hitagi`, of which this program is. */
export const programFolder = (): string => path.resolve(sdkFolder(), "..", "..");

/** The files of the SDK by their paths in a scaffold, so that a plugin needs no package registry. */
export const sdkFiles = async (): Promise<Map<string, Buffer>> => {
  const folder = sdkFolder();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.sort().map(async (file) => {
        const name = path.relative(folder, file).replaceAll(path.sep, "/");
        return [`${SDK_FOLDER}/${name}`, await readFile(file)] as const;
      }),
    ),
  );
};
