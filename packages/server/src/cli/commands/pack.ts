import path from "node:path";
import type { Manifest } from "@hitagi/contract";
import type { PackedPlugin } from "../../kit/pack.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { findingLines } from "../finding-lines.ts";
import { sizeText } from "../format.ts";
import { agreeToReplace } from "../replace-file.ts";
import type { Lines } from "../safe-text.ts";
import type { Printer } from "../session.ts";

interface PackOptions {
  out?: string;
  sourceMap?: boolean;
  yes?: boolean;
}

const packedLines = (
  out: string,
  { manifest, bytes, sha256, weight, packages, isBundled }: PackedPlugin,
): Lines => [
  `Wrote ${manifest.namespace} ${manifest.version} to ${out}: ${sizeText(bytes)}.`,
  `SHA-256: ${sha256}`,
  ...(isBundled
    ? weight.slice(0, 10).map((part) => `  ${sizeText(part.bytes).padStart(8)}  ${part.name}`)
    : []),
  ...packages.map(
    ({ name, version, licence }) => `Licence of ${name} ${version}: ${licence ?? "none is named"}`,
  ),
];

/** Whether a text names this namespace as a plugin does, which packages may also define. */
const isOfPlugin = (text: string, namespace: string): boolean =>
  [...text.matchAll(/\bnamespace["']?\s*:\s*["'`]([\w-]+)["'`]/g)].some(([, found]) => found === namespace);

const pack = async (printer: Printer, file: string, options: PackOptions): Promise<void> => {
  const { out, sourceMap } = options;
  const { io } = printer;
  const { packPlugin, PackRefused } = await import("../../kit/pack.ts");
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const source = path.resolve(io.cwd, file);
  const target = path.resolve(io.cwd, out ?? path.join("dist", `${path.parse(source).name}.js`));
  if (target === source)
    throw new CommandFailed("The output is the source itself.", "Name another file with --out.");
  const sandbox = await openSandbox({ standby: 0 });
  try {
    const shown = path.relative(io.cwd, target);
    const beforeWrite = ({ namespace }: Manifest): Promise<void> => {
      const kind = `a plugin with the namespace ${namespace}`;
      const isOwn = (text: string) => isOfPlugin(text, namespace);
      return agreeToReplace(io, target, { shown, kind, isOwn }, options);
    };
    const request = { file: source, out: target, base: io.cwd, sourceMap, beforeWrite };
    const packed = await packPlugin(sandbox, request);
    printer.print({ out: target, ...packed }, () => packedLines(shown, packed));
  } catch (error) {
    if (!(error instanceof PackRefused)) throw error;
    printer.print({ findings: error.findings }, () => findingLines(error.findings));
    throw new CommandFailed("Nothing was written.", "Mend what is listed above, then pack it again.");
  } finally {
    await sandbox.close();
  }
};

/** `hitagi pack`: makes one file of a plugin, as it is published. Needs no server. */
export const packCommand = (program: CliCommand): void => {
  program
    .local(
      "pack <file>",
      "Make one file of a plugin with its npm packages, as it is published. Needs no server.",
    )
    .examples("hitagi pack my-plugin.ts --out dist/my-plugin.js")
    .option("--out <file>", "the file to write; by default dist/<name>.js")
    .option("--source-map", "add an inline source map, so that errors name places in the sources")
    .option("-y, --yes", "replace the file also if it is not of this plugin")
    .option("--json", "print the data as JSON")
    .runLocal(pack);
};
