import path from "node:path";
import { MAX_CHANGELOG, MAX_README } from "@hitagi/contract";
import { codeOf, unlessMissing } from "../../disk/errno.ts";
import { exists } from "../../disk/files.ts";
import { readBeginning } from "../../disk/regular-files.ts";
import { parseVersion } from "../../semantic-version.ts";
import { KeeperError } from "../keeper-error.ts";
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

/** Bytes of the largest file that can have such a text. A changelog has all versions of a plugin. */
const MAX_BYTES: Record<TextKind, number> = { readme: 4 * MAX_README, changelog: 4 * 1024 * 1024 };

/** @throws KeeperError for a file that is larger than such a text; the file system's error */
const readText = async (folder: string, name: string, kind: TextKind): Promise<string | undefined> => {
  const file = path.join(folder, name);
  const max = MAX_BYTES[kind];
  try {
    const bytes = await unlessMissing(readBeginning(file, max + 1));
    if (bytes && bytes.length > max)
      throw new KeeperError(
        `${file} is larger than the ${max} bytes that the ${kind} of a plugin may have.`,
        "Shorten it, or move it to another folder. Nothing was written.",
        "DETAILS_INVALID",
      );
    const text = bytes?.toString("utf8").replaceAll("\r\n", "\n").trim();
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
  const beside = await readText(folder, besideOf(file, kind), kind);
  const own = textFolder(file, version);
  return beside ?? (own === undefined ? undefined : readText(folder, `${own}/${ownName(kind)}`, kind));
};

/** A text, and the absolute path of its file. */
interface SourceText {
  source: string;
  text: string;
}

/** The text that an author has beside a source. `README.md` and `CHANGELOG.md` are a plugin's only where its folder has no other one. */
const textOfSource = async (plugin: string, kind: TextKind): Promise<SourceText | undefined> => {
  const { dir, base } = path.parse(plugin);
  const read = async (folder: string, name: string): Promise<SourceText | undefined> => {
    const text = await readText(folder, name, kind);
    return text === undefined ? undefined : { source: path.join(folder, name), text };
  };
  const beside = await read(dir, path.basename(besideOf(base, kind)));
  if (beside !== undefined || (await pluginsDirectlyIn(dir)).length > 1) return beside;
  return read(parseVersion(path.basename(dir)) === undefined ? dir : path.dirname(dir), ownName(kind));
};

/** Where a registry keeps a text: where it has it, or else beside the file of the plugin. */
const textPlace = async (folder: string, file: string, kind: TextKind): Promise<string> => {
  const beside = besideOf(file, kind);
  const own = path.posix.dirname(file);
  const ownText = `${own}/${ownName(kind)}`;
  const hasOwn = own !== PLUGINS_FOLDER && (await exists(path.join(folder, ownText)));
  return hasOwn && !(await exists(path.join(folder, beside))) ? ownText : beside;
};

/** A text that a plugin brings into a registry. */
export interface BroughtText {
  /** Its path in the registry, with `/`. */
  file: string;
  content: string;
  /** The absolute path that it is brought from. */
  source: string;
  /** Whether the registry has another text there. */
  differs: boolean;
}

/** @throws KeeperError for a text that no registry takes */
const checkLength = ({ source, text }: SourceText, version: string, kind: TextKind): void => {
  const length = kind === "readme" ? text.length : (changelogOf(text, version)?.length ?? 0);
  const most = kind === "readme" ? MAX_README : MAX_CHANGELOG;
  if (length <= most) return;
  const what = kind === "readme" ? "" : `, for version ${version},`;
  throw new KeeperError(
    `The ${kind} ${source}${what} has ${length} characters, and a registry takes ${most}.`,
    "Shorten it. Nothing was written.",
    "DETAILS_INVALID",
  );
};

/**
 * The readme and the changelog that a plugin brings from where its author keeps it. Those that the registry has already are left out.
 * @param folder of the registry
 * @param file the path of the plugin in the registry
 * @param plugin the absolute path of its author's file
 * @throws KeeperError for a text that no registry takes; the file system's error
 */
export const textsBrought = async (
  folder: string,
  file: string,
  plugin: string,
  version: string,
): Promise<BroughtText[]> => {
  const brought: BroughtText[] = [];
  for (const kind of textKinds) {
    const found = await textOfSource(plugin, kind);
    if (found === undefined) continue;
    checkLength(found, version, kind);
    const { source, text } = found;
    const place = await textPlace(folder, file, kind);
    const present = await readText(folder, place, kind);
    if (present === text) continue;
    brought.push({ file: place, content: `${text}\n`, source, differs: present !== undefined });
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
