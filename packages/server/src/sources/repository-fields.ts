import type { RegistryFields } from "@hitagi/contract";
import { relativePathProblem, safeSegments } from "./relative-path.ts";

/** The ref of a repository's default branch. */
export const DEFAULT_REF = "HEAD";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(?:\/|$)|(?:^|\/)\.|[/.]$|^\//;

/** Whether a ref is a whole commit id, SHA-1 or SHA-256. */
export const isCommit = (ref: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref);

/** Validates a git ref (git-check-ref-format). One that begins with `-` would be an option of git. */
export const refProblem = (ref: string): string | undefined => {
  if (ref.startsWith("-")) return "ref must not begin with -";
  if (ref.length > 255) return "ref is longer than 255 characters";
  return FORBIDDEN.test(ref) || ref === "@" ? "ref is not the name of a branch, tag or commit" : undefined;
};

/** A file's path from the root of its repository, as segments. @throws HitagiError SOURCE_PATH_ESCAPES */
export const segmentsInRepository = ({ folder }: Pick<RegistryFields, "folder">, file: string): string[] => [
  ...(folder === undefined ? [] : safeSegments(folder)),
  ...safeSegments(file),
];

/** Validates the ref and folder of a registry in a repository. @returns the problem in words, or undefined */
export const repositoryProblem = ({ ref, folder }: RegistryFields): string | undefined => {
  const inRef = ref === undefined ? undefined : refProblem(ref);
  const inFolder = folder === undefined ? undefined : relativePathProblem(folder);
  return inRef ?? (inFolder && `folder ${inFolder}`);
};
