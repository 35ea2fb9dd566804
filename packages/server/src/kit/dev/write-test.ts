import { constants, copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { unlessMissing, unlessTaken } from "../../disk/errno.ts";
import { exists } from "../../disk/files.ts";
import { inFolderBelow } from "../../disk/files-below.ts";
import { writeWhole } from "../../disk/write-whole.ts";
import { archiveIdOf } from "../../library/archive-id.ts";
import { isArchiveName, safeFilename } from "../../library/filename.ts";
import type { KitArchive, RunReport } from "../types.ts";

/** What a test is made of: a run that ended well, and what it was given. */
export interface TestedRun {
  /** The absolute path of the source. */
  file: string;
  archive: KitArchive | undefined;
  report: RunReport;
  arg?: string | undefined;
  url?: string | undefined;
  settings: Record<string, unknown>;
}

const header = (plugin: string): string => `import assert from "node:assert/strict";
import { test } from "node:test";
import { assertTags, openPlugin } from "@hitagi/sdk/testing";

const plugin = await openPlugin(new URL("./${plugin}", import.meta.url));
`;

/** A name for an archive in the samples. `node --test` runs files of any folder by their endings, and none that is an archive's. */
const sampleName = (file: string): string => {
  const name = safeFilename(path.basename(file));
  return isArchiveName(name) ? name : `${name}.zip`;
};

/** A name in the samples that no other archive has. */
const freeName = async (samples: string, file: string): Promise<string> => {
  const name = sampleName(file);
  const there = path.join(samples, name);
  const isFree = !(await exists(there)) || (await archiveIdOf(there)) === (await archiveIdOf(file));
  return isFree ? name : `${(await archiveIdOf(file)).slice(0, 8)}-${name}`;
};

/** The archive's path in the test. One that is elsewhere is copied to the samples, so that the test needs nothing else. */
const sampleOf = async (folder: string, { file }: KitArchive): Promise<string> => {
  const relative = path.relative(folder, file).replaceAll(path.sep, "/");
  if (!relative.startsWith("..") && !path.isAbsolute(relative)) return relative;
  return inFolderBelow(folder, "samples", async (samples) => {
    const name = await freeName(samples, file);
    // A name that is taken is the same archive, or a link, which is not followed.
    await copyFile(file, path.join(samples, name), constants.COPYFILE_EXCL).catch(unlessTaken);
    return `samples/${name}`;
  });
};

const json = (value: unknown): string => JSON.stringify(value);

const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${json(value)}`)
    .join(", ");

/** The archive in the test: its path, with what a library said of it. */
const archiveText = (sample: string, { title, tags, summary }: KitArchive): string =>
  title === undefined ? json(sample) : `{ ${fieldsText({ file: sample, title, tags, summary })} }`;

const assertionsFor = ({ result, requests }: RunReport): string[] => {
  const { tags, ...fields } = Object(result) as Record<string, unknown>;
  const isMetadata = Array.isArray(tags);
  return [
    ...(isMetadata
      ? [`  assertTags(result, ${json(tags)});`]
      : [`  assert.deepEqual(result.value, ${json(result)});`]),
    ...(isMetadata
      ? Object.entries(fields).map(([name, value]) => `  assert.equal(result.${name}, ${json(value)});`)
      : []),
    `  assert.equal(result.requests.length, ${requests.length});`,
  ];
};

/**
 * Writes a run as a test: a new file beside the plugin, or a further test in the one that is there. An archive that is elsewhere
 * is copied to the samples.
 * @returns the path of the test
 * @throws HitagiError DISK_FULL; the file system's error
 */
export const writeTest = async (run: TestedRun): Promise<string> => {
  const { dir, base, name } = path.parse(run.file);
  const file = path.join(dir, `${name}.test.mjs`);
  const sample = run.archive && (await sampleOf(dir, run.archive));
  const given = [
    ...(sample && run.archive ? [`archive: ${archiveText(sample, run.archive)}`] : []),
    ...(run.arg === undefined ? [] : [`arg: ${json(run.arg)}`]),
    ...(run.url === undefined ? [] : [`url: ${json(run.url)}`]),
    ...(Object.keys(run.settings).length > 0 ? [`settings: ${json(run.settings)}`] : []),
  ];
  const before = await unlessMissing(readFile(file, "utf8"));
  const count = before?.match(/^test\(/gm)?.length ?? 0;
  const what = sample ? `${name} on ${path.basename(sample)}` : name;
  const title = count > 0 ? `${what}, ${count + 1}` : what;
  const test = [
    `\ntest(${json(title)}, async () => {`,
    `  const result = await plugin.run({ ${given.join(", ")} });`,
    ...assertionsFor(run.report),
    "});\n",
  ].join("\n");
  await writeWhole({ file, content: `${before ?? header(base)}${test}`, mode: 0o644 });
  return file;
};
