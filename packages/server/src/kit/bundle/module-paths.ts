/** A path of esbuild to a file of a package. It may begin with a mark such as `(disabled):`. */
const PACKAGED = /^(\([a-z]+\):)?.*\/node_modules\/|^(\([a-z]+\):)?node_modules\//;

/** A path without what lies before its package, so that it is the same wherever packages are installed. */
export const withoutInstallPlace = (file: string): string =>
  file.replace(PACKAGED, (_, mark = "", ownMark = "") => `${mark}${ownMark}node_modules/`);

/**
 * The code of a bundle in which the paths of packages do not tell where they are installed. esbuild writes a path as a comment
 * above a module, and as the key of a CommonJS module. No line moves.
 * @param inputs the paths as esbuild's metafile has them
 */
export const withoutInstallPlaces = (code: string, inputs: Iterable<string>): string => {
  const lines = new Map<string, string>(
    [...inputs].flatMap((input) => {
      const short = withoutInstallPlace(input);
      return [
        [`// ${input}`, `// ${short}`],
        [`  ${JSON.stringify(input)}(`, `  ${JSON.stringify(short)}(`],
      ] satisfies [string, string][];
    }),
  );
  return code.replace(/^(?:\/\/ .*| {2}"[^"\n]*"\()/gm, (line) => lines.get(line) ?? line);
};

/** The same for the sources that a source map names. */
export const mapWithoutInstallPlaces = (text: string): string => {
  const map = JSON.parse(text) as { sources: string[] };
  return JSON.stringify({ ...map, sources: map.sources.map(withoutInstallPlace) });
};
