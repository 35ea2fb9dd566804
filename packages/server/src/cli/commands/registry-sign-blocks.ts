import { readFile } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { MAX_NOTE_BYTES } from "@hitagi/trust";
import { readIfThere } from "../../disk/files.ts";
import { writeWhole } from "../../disk/write-whole.ts";
import { readAddress } from "../../net/read-address.ts";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Printer } from "../session.ts";
import { type SigningKeyOptions, signingKeyFrom, signingKeyOptions } from "../signing-key.ts";
import { timesOf } from "./registry-sign.ts";

interface SignBlocksOptions extends SigningKeyOptions {
  out: string;
  published?: string;
  dryRun?: boolean;
}

/** The edition that follows which the next one is: the published one, else the file that is replaced. */
const readBefore = async (io: Io, { out, published }: SignBlocksOptions): Promise<Uint8Array | undefined> => {
  if (published === undefined) return readIfThere(path.resolve(io.cwd, out));
  if (!URL.canParse(published) || !/^https?:/i.test(published))
    throw new UsageError(`${published} is no web address.`, "Give the address that owners follow.");
  const url = new URL(published);
  return readAddress(
    url,
    MAX_NOTE_BYTES,
    () =>
      new HitagiError("REQUEST_FAILED", {
        host: url.host,
        reason: `it is larger than ${MAX_NOTE_BYTES} bytes`,
      }),
  );
};

const signBlocks = async (
  { io, print }: Printer,
  file: string,
  options: SignBlocksOptions,
): Promise<void> => {
  const { out, dryRun = false } = options;
  const text = await readFile(path.resolve(io.cwd, file), "utf8");
  const key = await signingKeyFrom(io, options);
  // Loaded only here: other commands sign nothing.
  const { planBlockList } = await import("../../keeper/sign-block-list.ts");
  const before = await readBefore(io, options);
  const { time } = await timesOf(io, {});
  const { file: list, ...plan } = planBlockList({ text, key, before, time });
  const signed = list !== undefined;
  if (list !== undefined && !dryRun)
    await writeWhole({ file: path.resolve(io.cwd, out), content: list, mode: 0o644 });
  print({ ...plan, signed, dryRun }, ({ name, sequence, entries, added, removed, key }) => {
    if (!signed) return `Nothing changed since edition ${sequence} of ${name}.`;
    return [
      `${dryRun ? "Would sign" : "Signed"} edition ${sequence} of ${name}: ${entries} entries.`,
      ...added.map((line) => `  + ${line}`),
      ...removed.map((line) => `  - ${line}`),
      ...(dryRun ? [] : [`Publish ${out}. Owners follow it with this key:`, key]),
    ];
  });
};

/** `hitagi registry sign-blocks`: the next edition of a block list. */
export const registrySignBlocksCommand = (registry: CliCommand): void => {
  registry
    .local(
      "sign-blocks <entries>",
      "Sign a block list from a file with an entry a line, and say what changed. Needs no server.",
    )
    .examples("hitagi registry sign-blocks blocks.in --key ~/registry.key --out blocks.txt")
    .requiredOption("--out <file>", "the signed list; the next edition follows the one that is there")
    .option("--published <address>", "follow the edition at this address, in place of the one in --out")
    .use(signingKeyOptions)
    .option("--dry-run", "say what would be done, and write nothing")
    .option("--json", "print the data as JSON")
    .runLocal(signBlocks);
};
