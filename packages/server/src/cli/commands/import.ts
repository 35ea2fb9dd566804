import type { Command } from "commander";
import { localCommand, serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import type { Step } from "../import-lanraragi/types.ts";
import { type Io, readStdin } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { safeLine } from "../safe-text.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface Options {
  redis: string;
  passwordStdin?: boolean;
  apply?: boolean;
}

const HEAD = ["WHAT", "NAME", "STATE", "NOTE"];

const text = (io: Io, steps: Step[], apply: boolean): string => {
  if (steps.length === 0) return "There is nothing to import: no registries, and no data of plugins.";
  const rows = steps.map(({ what, name, state, note }) => [
    what,
    name,
    state,
    state === "not done" ? "see below" : note,
  ]);
  const not = steps.filter(({ state }) => state === "not done");
  const why = not.map(({ what, name, note }) => safeLine(`${what} ${name}: ${note}.`));
  const end = apply ? [] : ["", "Nothing was changed. Use --apply to import."];
  return [
    table(io, HEAD, rows),
    ...(why.length > 0 ? ["", "Could not be imported:", ...why] : []),
    ...end,
  ].join("\n");
};

const importLanraragi = async (session: Session, options: Options): Promise<void> => {
  const { io, client } = session;
  // Loaded only here: the other commands need no Redis.
  const [{ redisOptions }, { readLanraragi }, { importLanraragi }, { readConfig }, { readAuthorities }] =
    await Promise.all([
      import("../import-lanraragi/redis-address.ts"),
      import("../import-lanraragi/read.ts"),
      import("../import-lanraragi/import-lanraragi.ts"),
      import("../../config/config.ts"),
      import("../../config/network.ts"),
    ]);
  const authorities = readAuthorities(readConfig({}, io.env));
  const password = options.passwordStdin ? (await readStdin(io)).trim() : undefined;
  const foreign = await readLanraragi(redisOptions(options.redis, password, authorities));
  const apply = options.apply === true;
  const steps = await importLanraragi({
    ...{ client, foreign, apply },
    result: async (job) => resultOf(await waitForJob(session, job)),
    onStep: ({ what, name, state }) => apply && session.say(safeLine(`${what} ${name}: ${state}`)),
  });
  session.print({ applied: apply, steps }, () => text(io, steps, apply));
  const failed = steps.filter(({ state }) => state === "not done").length;
  if (apply && failed > 0) {
    throw new CommandFailed(
      `${failed} of ${steps.length} could not be imported.`,
      "Correct the listed problems and import again. Existing items stay unchanged.",
    );
  }
};

/** `hitagi import …`: data of other programs. */
export const importCommands = (program: Command, io: Io): void => {
  const group = localCommand(
    program,
    "import",
    "Import registries, plugins and settings of another program.",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379",
  );
  serverCommand(
    group,
    "lanraragi",
    "Import registries, plugins, settings and flags from the Redis of a LANraragi, which is only read. Shows the plan; --apply imports.",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379 --apply",
  )
    .requiredOption(
      "--redis <address>",
      "its Redis, such as redis://host:port. Add /<database> if the configuration is not in database 2",
    )
    .option("--password-stdin", "read the password from standard input")
    .option("--apply", "import, instead of showing the plan")
    .action(withSession(io, importLanraragi));
};
