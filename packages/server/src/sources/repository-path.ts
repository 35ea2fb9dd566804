import type { RegistryFields } from "@hitagi/contract";
import { refFault } from "./git-ref.ts";
import { relativePathProblem, safeSegments } from "./relative-path.ts";

/**
 * The segments of a file's path from the root of the repository that the registry is in.
 * @throws HitagiError SOURCE_PATH_ESCAPES
 */
export const segmentsInRepository = ({ folder }: Pick<RegistryFields, "folder">, file: string): string[] => [
  ...(folder === undefined ? [] : safeSegments(folder)),
  ...safeSegments(file),
];

/** What is wrong with the ref and folder of a registry in a repository, in words, or undefined. */
export const repositoryFault = ({ ref, folder }: RegistryFields): string | undefined => {
  const inRef = ref === undefined ? undefined : refFault(ref);
  const inFolder = folder === undefined ? undefined : relativePathProblem(folder);
  return inRef ?? (inFolder && `folder ${inFolder}`);
};
