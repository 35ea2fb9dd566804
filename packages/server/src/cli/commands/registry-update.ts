import path from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { chooseRegistry } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";

interface UpdateOptions {
  name?: string;
  url?: string;
  path?: string;
  lenient?: boolean;
  strict?: boolean;
}

const CHANGES = ["name", "url", "path", "lenient", "strict"] as const;

const changesOf = (options: UpdateOptions) => CHANGES.filter((change) => options[change] !== undefined);

const update = async (session: Session, given: string, options: UpdateOptions): Promise<void> => {
  const { name, url, lenient, strict } = options;
  const changes = changesOf(options);
  if (changes.length === 0) {
    throw new UsageError("There is nothing to change.", "Give --name, --url, --path, --lenient or --strict.");
  }
  const { client, io } = session;
  const { id, provider } = await chooseRegistry(client, given);
  // The server takes no path that is relative to a folder that only this command knows.
  const folder =
    options.path !== undefined && provider === "local" ? path.resolve(io.cwd, options.path) : options.path;
  await client.updateRegistry({
    params: { id },
    body: {
      ...(name !== undefined && { name }),
      ...(url !== undefined && { url }),
      ...(folder !== undefined && { path: folder }),
      ...((lenient || strict) && { lenient: lenient === true }),
    },
  });
  const { registry } = await client.getRegistry({ params: { id } });
  session.print(registry, (r) =>
    changes.every((change) => change === "name")
      ? `Registry ${r.id} is called ${r.name} now.`
      : `Changed registry ${r.id} (${r.name}). Refresh it with \`hitagi registry refresh ${r.id}\` for this to take effect.`,
  );
};

/** `hitagi registry update`: changes what a registry is called, where it is, or how strictly it is read. */
export const registryUpdateCommand = (registry: Command, io: Io): void => {
  leaf(
    registry,
    "update <registry>",
    "Change a registry; another address or folder drops its cached index.",
    "hitagi registry update Example --lenient",
    "hitagi registry update REG_1700000000 --url https://example.org/new-place",
  )
    .option("--name <name>", "what to call it")
    .option("--url <address>", "its new address")
    .option("--path <folder>", "its new folder")
    .addOption(new Option("--lenient", "skip bad plugins and versions of its index").conflicts("strict"))
    .option("--strict", "refuse its index where one entry is bad, which is the default")
    .action(withSession(io, update));
};
