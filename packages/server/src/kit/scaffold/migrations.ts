import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { applyEdits, modify, parse } from "jsonc-parser";
import { unlessMissing } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";
import { writeWhole } from "../../disk/write-whole.ts";
import { linkPackages } from "./new-plugin.ts";
import { SCAFFOLD_VERSION, SDK_FOLDER } from "./project-files.ts";
import { sdkFiles } from "./sdk-files.ts";

/** One step from a form of a scaffold to the next. It can be repeated. */
interface Migration {
  /** The form that it leads to. */
  to: number;
  /** What it does, for a person. */
  what: string;
  apply(folder: string): Promise<void>;
}

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** Sets values in a JSON file with comments, and leaves all else as it is written. */
const setInJson = async (
  file: string,
  values: readonly (readonly [path: string[], value: unknown])[],
  whenMissing: string,
): Promise<void> => {
  const before = (await unlessMissing(readFile(file, "utf8"))) ?? whenMissing;
  const text = values.reduce(
    (now, [place, value]) => applyEdits(now, modify(now, place, value, FORMAT)),
    before,
  );
  if (text !== before || before === whenMissing) await writeWhole({ file, content: text, mode: 0o644 });
};

const migrations: readonly Migration[] = [
  {
    to: 1,
    what: "brings the SDK along, so that types and tests need no package registry",
    apply: async (folder) => {
      await setInJson(
        path.join(folder, "tsconfig.json"),
        [[["compilerOptions", "paths", "@hitagi/sdk"], [`./${SDK_FOLDER}/src/index.ts`]]],
        '{ "include": ["*.ts"] }\n',
      );
      await setInJson(
        path.join(folder, "package.json"),
        [
          [["type"], "module"],
          [["devDependencies", "@hitagi/sdk"], `file:./${SDK_FOLDER}`],
        ],
        '{ "private": true }\n',
      );
    },
  },
];

const formOf = async (folder: string): Promise<number> => {
  const text = await readFile(path.join(folder, "package.json"), "utf8").catch(() => "{}");
  const { hitagi } = Object(parse(text)) as { hitagi?: { scaffold?: unknown } };
  return typeof hitagi?.scaffold === "number" ? hitagi.scaffold : 0;
};

/**
 * Brings the folder of a plugin to the newest form: its SDK is replaced, and the steps since its form are made.
 * @returns what was done
 * @throws HitagiError VALIDATION_FAILED for a folder that a newer version made; the file system's error
 */
export const updateScaffold = async (folder: string): Promise<string[]> => {
  const form = await formOf(folder);
  if (form > SCAFFOLD_VERSION)
    throw new HitagiError("VALIDATION_FAILED", {
      reason: `the folder was made by a newer version of Hitagi (form ${form}, and this one knows ${SCAFFOLD_VERSION}). Update Hitagi first`,
    });
  const steps = migrations.filter(({ to }) => to > form);
  for (const { apply } of steps) await apply(folder);
  for (const [name, content] of await sdkFiles()) {
    const file = path.join(folder, name);
    await makeFolder(path.dirname(file));
    await writeFile(file, content);
  }
  await setInJson(path.join(folder, "package.json"), [[["hitagi", "scaffold"], SCAFFOLD_VERSION]], "{}\n");
  await linkPackages(folder);
  return [...steps.map(({ what }) => what), "replaces the SDK by the one of this version"];
};
