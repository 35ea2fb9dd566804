import { readdir } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { applyEdits, modify, parse } from "jsonc-parser";
import { inFolderBelow, readBelow, writeBelow } from "../../disk/files-below.ts";
import { removeBelow } from "../../disk/regular-files.ts";
import { linkPackages } from "./new-plugin.ts";
import { updatePipelines } from "./pipelines.ts";
import { SCAFFOLD_VERSION, SDK_FOLDER, TEST_SCRIPT } from "./project-files.ts";
import { sdkFiles } from "./sdk-files.ts";

/** One step from a form of a scaffold to the next. It can be repeated. */
interface Migration {
  /** The form that it leads to. */
  to: number;
  apply(folder: string): Promise<UpdatedScaffold>;
}

/** What became of a scaffold. */
export interface UpdatedScaffold {
  /** What was done, for a person. */
  done: string[];
  /** The paths of files that their author edited, and that are as they were. */
  left: string[];
}

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** Sets values in a JSON file with comments, and leaves all else as it is written. */
const setInJson = async (
  folder: string,
  name: string,
  values: readonly (readonly [path: string[], value: unknown])[],
  whenMissing: string,
): Promise<void> => {
  const before = (await readBelow(folder, name)) ?? whenMissing;
  const text = values.reduce(
    (now, [place, value]) => applyEdits(now, modify(now, place, value, FORMAT)),
    before,
  );
  if (text !== before || before === whenMissing) await writeBelow(folder, name, text);
};

/** The scripts and the form in a plugin's package.json. */
interface Manifest {
  scripts?: { test?: unknown };
  hitagi?: { scaffold?: unknown };
}

const manifestOf = async (folder: string): Promise<Manifest> =>
  Object(parse((await readBelow(folder, "package.json")) ?? "{}"));

/** What `node --test` runs beside `*.test.mjs` in a plugin's own folder: its author put it there. */
const OTHER_TEST = /^tests?$|^test[-.]|[-_]test\.[cm]?[jt]s$|\.test\.(c?[jt]s|mts)$/;

const migrations: readonly Migration[] = [
  {
    to: 1,
    apply: async (folder) => {
      await setInJson(
        folder,
        "tsconfig.json",
        [[["compilerOptions", "paths", "@hitagi/sdk"], [`./${SDK_FOLDER}/src/index.ts`]]],
        '{ "include": ["*.ts"] }\n',
      );
      await setInJson(
        folder,
        "package.json",
        [
          [["type"], "module"],
          [["devDependencies", "@hitagi/sdk"], `file:./${SDK_FOLDER}`],
        ],
        '{ "private": true }\n',
      );
      return { done: ["brings the SDK along, so that types and tests need no package registry"], left: [] };
    },
  },
  {
    to: 2,
    apply: async (folder) => {
      const { replaced, edited } = await updatePipelines(folder);
      return {
        done: replaced.map((name) => `replaces ${name} by the pipeline of this version`),
        left: edited,
      };
    },
  },
  {
    to: 3,
    apply: async (folder) => {
      const { scripts } = await manifestOf(folder);
      if (scripts?.test !== "node --test") return { done: [], left: [] };
      if ((await readdir(folder)).some((name) => OTHER_TEST.test(name)))
        return { done: [], left: ["package.json"] };
      await setInJson(folder, "package.json", [[["scripts", "test"], TEST_SCRIPT]], "{}\n");
      return { done: ["lets `npm test` run the tests beside the plugin only"], left: [] };
    },
  },
];

/** Replaces the SDK: files that it no longer has would still be found by imports. */
const replaceSdk = async (folder: string): Promise<void> => {
  const files = await sdkFiles();
  for (const [name, content] of files) await writeBelow(folder, name, content);
  const present = await inFolderBelow(folder, SDK_FOLDER, async (place) => {
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)));
  });
  for (const name of present.map((one) => `${SDK_FOLDER}/${one.replaceAll(path.sep, "/")}`))
    if (!files.has(name)) await removeBelow(folder, name);
};

const formOf = async (folder: string): Promise<number> => {
  const { hitagi } = await manifestOf(folder);
  return typeof hitagi?.scaffold === "number" ? hitagi.scaffold : 0;
};

/**
 * Brings the folder of a plugin to the newest form: its SDK is replaced, and the steps since its form are made. The folder may be
 * another's: no link below it is followed.
 * @throws HitagiError VALIDATION_FAILED for a folder that a newer version made; LinkBelowError; the file system's error
 */
export const updateScaffold = async (folder: string): Promise<UpdatedScaffold> => {
  const form = await formOf(folder);
  if (form > SCAFFOLD_VERSION)
    throw new HitagiError("VALIDATION_FAILED", {
      reason: `the folder was made by a newer version of Hitagi (form ${form}, and this one knows ${SCAFFOLD_VERSION}). Update Hitagi first`,
    });
  const made: UpdatedScaffold = { done: [], left: [] };
  for (const { apply } of migrations.filter(({ to }) => to > form)) {
    const { done, left } = await apply(folder);
    made.done.push(...done);
    made.left.push(...left);
  }
  await replaceSdk(folder);
  await setInJson(folder, "package.json", [[["hitagi", "scaffold"], SCAFFOLD_VERSION]], "{}\n");
  await linkPackages(folder);
  return { ...made, done: [...made.done, "replaces the SDK by the one of this version"] };
};
