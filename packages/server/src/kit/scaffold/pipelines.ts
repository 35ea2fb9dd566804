import { readBelow, writeBelow } from "../../disk/files-below.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { version } from "../../version.ts";
import { FIRST_STEPS, INSTALL } from "./ci-steps.ts";
import type { NewPlugin } from "./plugin-source.ts";

type Named = Pick<NewPlugin, "namespace">;

const githubWorkflow = ({
  namespace,
}: Named): string => `# Set the variable HITAGI_PACKAGE of the repository to the address of hitagi-${version}.tgz.
name: check
on: [push, pull_request]
# Findings appear at their lines of a pull request.
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    env:
      HITAGI_PACKAGE: \${{ vars.HITAGI_PACKAGE }}
${FIRST_STEPS}
      - run: npm install
      - run: npm test
      - run: hitagi check ${namespace}.ts
`;

const gitlabPipeline = ({
  namespace,
}: Named): string => `# Set the variable HITAGI_PACKAGE of the project to the address of hitagi-${version}.tgz.
check:
  image: node:22
  script:
    - ${INSTALL}
    - npm install
    - npm test
    - hitagi check ${namespace}.ts --code-quality gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
`;

const forgejoWorkflow = (plugin: Named): string =>
  githubWorkflow(plugin).replace(
    "runs-on: ubuntu-latest",
    "runs-on: docker\n    container:\n      image: node:22",
  );

/** The pipelines of a new plugin by their paths: each runs its tests and checks it. */
export const pipelines = {
  ".github/workflows/check.yml": githubWorkflow,
  ".gitlab-ci.yml": gitlabPipeline,
  ".forgejo/workflows/check.yml": forgejoWorkflow,
} as const satisfies Record<string, (plugin: Named) => string>;

/** The pipelines that earlier versions wrote, as the SHA-256 of their text with the names in it replaced. */
const EARLIER: ReadonlySet<string> = new Set([
  "a0cbbdff7f6135ce1566a6ab2ef6815a8399ef13bdd9da2e0172e0b7e095120d",
  "23f069f2ca3c5a98d38c66c04d2e665fcb8a74cebab08337d6412ffbc46e4303",
  "4ab77b3a87f70bea8874156ae10c0fadbddb8bd8c59cab97ef71d7f029718eaf",
]);

/** The text of a pipeline without what differs between plugins and versions. */
const withoutNames = (text: string, namespace: string): string =>
  text
    .replaceAll(/hitagi-[0-9A-Za-z.+-]+\.tgz/g, "hitagi-VERSION.tgz")
    .replaceAll(`hitagi check ${namespace}.ts`, "hitagi check NAME.ts");

/**
 * Replaces the pipelines of a plugin's folder that an earlier version wrote. One that is missing was removed by its author, and one
 * that was edited is left.
 * @returns the paths of those that were replaced, and of those that were edited
 * @throws LinkBelowError where a link is on the way to one; HitagiError DISK_FULL; the file system's error
 */
export const updatePipelines = async (folder: string): Promise<{ replaced: string[]; edited: string[] }> => {
  const [replaced, edited]: [string[], string[]] = [[], []];
  for (const [name, pipeline] of Object.entries(pipelines)) {
    const text = await readBelow(folder, name);
    if (text === undefined) continue;
    const [, namespace = ""] = /hitagi check (\S+)\.ts/.exec(text) ?? [];
    const plain = withoutNames(text, namespace);
    if (plain === withoutNames(pipeline({ namespace }), namespace)) continue;
    if (EARLIER.has(sha256Of(plain))) {
      await writeBelow(folder, name, pipeline({ namespace }));
      replaced.push(name);
    } else edited.push(name);
  }
  return { replaced, edited };
};
