import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message, Metafile } from "esbuild";
import { mapWithoutInstallPlaces, withoutInstallPlaces } from "./module-paths.ts";
import { type BundledPackage, licenceText, packagesIn } from "./packages.ts";

/** A place where a plugin cannot be bundled, or a reason without a place. */
export interface BundleProblem {
  message: string;
  hint: string;
  /** Relative to the folder of the plugin. */
  file: string | undefined;
  line: number;
  column: number;
}

/** The sources of a plugin cannot be made into one file. */
export class BundleError extends Error {
  readonly problems: readonly BundleProblem[];
  constructor(problems: readonly BundleProblem[]) {
    super(problems[0]?.message ?? "The plugin cannot be bundled.");
    this.name = new.target.name;
    this.problems = problems;
  }
}

/** A plugin as one file. */
export interface Bundle {
  /** The name of a file for it: that of the source, or with `.js` if it was bundled. */
  filename: string;
  code: Buffer;
  /** The same with an inline source map, if it was bundled. */
  codeWithMap: Buffer;
  /** Whether it is more than its source. */
  isBundled: boolean;
  /** The absolute paths of all files that it is made of. */
  inputs: readonly string[];
  /** What it weighs, the heaviest first. */
  weight: readonly { name: string; bytes: number }[];
  packages: readonly BundledPackage[];
}

/** Bundles one plugin again and again. */
export interface Bundler {
  /** @throws BundleError; the file system's error for a file that cannot be read */
  build(): Promise<Bundle>;
  dispose(): Promise<void>;
}

/** The author's kit. It has only types. */
const SDK = "@hitagi/sdk";

const hintFor = (text: string): string => {
  const [, name = ""] = /^Could not resolve "([^"]+)"/.exec(text) ?? [];
  if (name === "") return "Correct the line that is shown.";
  if (name.startsWith(".")) return "Check the path, with the ending of the file.";
  if (name.startsWith("node:") || /the package ".*" wasn't found|built into node/.test(text))
    return "A plugin has no modules of Node: use what docs/guide-authors.md lists, or a package for browsers.";
  return `Install it beside the plugin: \`npm install ${name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/")}\`.`;
};

const problemOf = ({ text, location, notes }: Message): BundleProblem => ({
  message: text,
  hint: hintFor(`${text}${notes.map((note) => ` ${note.text}`).join("")}`),
  file: location?.file,
  line: location?.line ?? 1,
  column: (location?.column ?? 0) + 1,
});

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && "errors" in error && Array.isArray(error.errors);

const optionsOf = (file: string): BuildOptions & { metafile: true; write: false } => ({
  entryPoints: [file],
  absWorkingDir: path.dirname(file),
  outfile: path.join(path.dirname(file), `${path.parse(file).name}.js`),
  bundle: true,
  format: "esm",
  // The sandbox has what browsers have, and no modules of Node.
  platform: "browser",
  target: "esnext",
  define: { "process.env.NODE_ENV": '"production"' },
  external: [SDK],
  charset: "utf8",
  legalComments: "eof",
  sourcemap: "external",
  // A configuration beside the plugin does not change the bytes.
  tsconfigRaw: {},
  logLevel: "silent",
  metafile: true,
  write: false,
});

/** Whether the file stands for itself. */
const isAlone = ({ inputs }: Metafile): boolean => {
  const [only, ...more] = Object.values(inputs);
  return more.length === 0 && (only?.imports ?? []).every(({ path: name }) => name === SDK);
};

/** A source that stands for itself, as it is. */
const unbundled = async (file: string, inputs: readonly string[] = [file]): Promise<Bundle> => {
  const code = await readFile(file);
  const filename = path.basename(file);
  const weight = [{ name: filename, bytes: code.length }];
  return { filename, code, codeWithMap: code, isBundled: false, inputs, weight, packages: [] };
};

const bundleOf = async (file: string, result: BuildResult<ReturnType<typeof optionsOf>>): Promise<Bundle> => {
  const { metafile, outputFiles } = result;
  const folder = path.dirname(file);
  const inputs = Object.keys(metafile.inputs).map((input) => path.resolve(folder, input));
  if (isAlone(metafile)) return unbundled(file, inputs);
  const text = outputFiles.find(({ path: name }) => name.endsWith(".js"))?.text ?? "";
  const map = outputFiles.find(({ path: name }) => name.endsWith(".map"))?.text ?? "{}";
  const { packages, weight } = await packagesIn(metafile, folder);
  const code = `${withoutInstallPlaces(text, Object.keys(metafile.inputs))}${licenceText(packages)}`;
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(mapWithoutInstallPlaces(map)).toString("base64")}\n`;
  return {
    filename: `${path.parse(file).name}.js`,
    code: Buffer.from(code),
    codeWithMap: Buffer.from(code + comment),
    isBundled: true,
    inputs,
    weight,
    packages,
  };
};

/** @param file the absolute path of a plugin in TypeScript or JavaScript */
export const createBundler = async (file: string): Promise<Bundler> => {
  // Loaded only here: it starts a process.
  const { context } = await import("esbuild");
  const opened: BuildContext<ReturnType<typeof optionsOf>> = await context(optionsOf(file));
  return {
    build: async () => {
      // The bundler would call it an import that is missing.
      await access(file, constants.R_OK);
      try {
        return await bundleOf(file, await opened.rebuild());
      } catch (error) {
        if (isBuildFailure(error)) throw new BundleError(error.errors.map(problemOf));
        throw error;
      }
    },
    dispose: () => opened.dispose(),
  };
};

/** A bundler of a plugin in any language; a file in Perl is taken as it is. */
export const bundlerFor = async (file: string): Promise<Bundler> =>
  /\.pm$/i.test(file) ? { build: () => unbundled(file), dispose: async () => {} } : createBundler(file);

/** Bundles a plugin once. @throws as `build` */
export const bundlePlugin = async (file: string): Promise<Bundle> => {
  const bundler = await bundlerFor(file);
  try {
    return await bundler.build();
  } finally {
    await bundler.dispose();
  }
};
