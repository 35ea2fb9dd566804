import path from "node:path";
import { MAX_README } from "@hitagi/contract";
import { codeOf } from "../../disk/errno.ts";
import { exists, readIfThere } from "../../disk/files.ts";
import { parseVersion } from "../../semantic-version.ts";
import { KeeperError } from "../keeper-error.ts";
import type { NewFile } from "../write-files.ts";
import { isInVersionFolder, PLUGINS_FOLDER, pluginsDirectlyIn } from "./plugin-files.ts";

/** The texts of a plugin for people. */
type TextKind = "readme" | "changelog";

const textKinds: readonly TextKind[] = ["readme", "changelog"];

/** The folder of a plugin's own texts; undefined for a file directly in the folder of all plugins. */
const textFolder = (file: string, version: string): string | undefined => {
  const own = path.posix.dirname(file);
  const folder = isInVersionFolder(file, version) ? path.posix.dirname(own) : own;
  return folder === PLUGINS_FOLDER ? undefined : folder;
};

const readText = async (folder: string, file: string): Promise<string | undefined> => {
  try {
    const text = (await readIfThere(path.join(folder, file)))
      ?.toString("utf8")
      .replaceAll("\r\n", "\n")
      .trim();
    return text === "" ? undefined : text;
  } catch (error) {
    if (codeOf(error) === "NOT_REGULAR") return undefined;
    throw error;
  }
};

/** The path of a text beside the file of its plugin. */
const besideOf = (file: string, kind: TextKind): string => {
  const { dir, name } = path.posix.parse(file);
  return `${dir}/${name}${kind === "readme" ? "" : ".changelog"}.md`;
};

const ownName = (kind: TextKind): string => `${kind.toUpperCase()}.md`;

/**
 * The text of a plugin: `README.md` or `CHANGELOG.md` in its own folder, or `<plugin>.md` and `<plugin>.changelog.md` beside it.
 * @param kind which of both
 */
export const readPluginText = async (
  folder: string,
  file: string,
  version: string,
  kind: TextKind,
): Promise<string | undefined> => {
  const beside = await readText(folder, besideOf(file, kind));
  const own = textFolder(file, version);
  return beside ?? (own === undefined ? undefined : readText(folder, `${own}/${ownName(kind)}`));
};

/** The text that an author has beside a source. `README.md` and `CHANGELOG.md` are a plugin's only where its folder has no other one. */
const textOfSource = async (source: string, kind: TextKind): Promise<string | undefined> => {
  const { dir, base } = path.parse(source);
  const beside = await readText(dir, path.basename(besideOf(base, kind)));
  if (beside !== undefined || (await pluginsDirectlyIn(dir)).length > 1) return beside;
  const own = parseVersion(path.basename(dir)) === undefined ? dir : path.dirname(dir);
  return readText(own, ownName(kind));
};

/** Where a registry keeps a text: where it has it, or else beside the file of the plugin. */
const textPlace = async (folder: string, file: string, kind: TextKind): Promise<string> => {
  const beside = besideOf(file, kind);
  const own = path.posix.dirname(file);
  const ownText = `${own}/${ownName(kind)}`;
  const hasOwn = own !== PLUGINS_FOLDER && (await exists(path.join(folder, ownText)));
  return hasOwn && !(await exists(path.join(folder, beside))) ? ownText : beside;
};

/**
 * The readme and the changelog that a plugin brings from where its author keeps it.
 * @param folder of the registry
 * @param file the path of the plugin in the registry
 * @param source the absolute path of its author's file
 * @throws KeeperError for a readme that no registry takes; the file system's error
 */
export const textsBrought = async (folder: string, file: string, source: string): Promise<NewFile[]> => {
  const brought: NewFile[] = [];
  for (const kind of textKinds) {
    const text = await textOfSource(source, kind);
    if (text === undefined) continue;
    if (kind === "readme" && text.length > MAX_README)
      throw new KeeperError(
        `The readme of ${source} has ${text.length} characters, and a registry takes ${MAX_README}.`,
        "Shorten it. Nothing was written.",
      );
    brought.push({ file: await textPlace(folder, file, kind), content: `${text}\n` });
  }
  return brought;
};

const HEADING = /^(#{1,4}) +(.*)$/;

/** The part of a changelog below the heading that names a version, as keepachangelog.com writes it. */
export const changelogOf = (changelog: string, version: string): string | undefined => {
  const lines = changelog.split("\n");
  const names = (title: string): boolean =>
    title.split(/[\s[\](),]+/).some((word) => word.replace(/^v/, "") === version);
  const start = lines.findIndex((line) => names(HEADING.exec(line)?.[2] ?? ""));
  if (start < 0) return undefined;
  const level = HEADING.exec(lines[start] ?? "")?.[1]?.length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(
    (line) => (HEADING.exec(line)?.[1]?.length ?? Number.POSITIVE_INFINITY) <= level,
  );
  const text = (end < 0 ? rest : rest.slice(0, end)).join("\n").trim();
  return text === "" ? undefined : text;
};
