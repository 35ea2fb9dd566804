import type { Command } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Step } from "../import-lanraragi/types.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { bare, leaf } from "../leaf.ts";
import { oneLine } from "../plain.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface Options {
  redis: string;
  passwordStdin?: boolean;
  apply?: boolean;
}

const input = async ({ stdin }: Io): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString().trim();
};

const HEAD = ["WHAT", "NAME", "STATE", "NOTE"];

const text = (io: Io, steps: Step[], apply: boolean): string => {
  if (steps.length === 0) return "There is nothing to move: it has no registries, and nothing of plugins.";
  const rows = steps.map(({ what, name, state, note }) => [
    what,
    name,
    state,
    state === "not done" ? "see below" : note,
  ]);
  const not = steps.filter(({ state }) => state === "not done");
  const why = not.map(({ what, name, note }) => oneLine(`${what} ${name}: ${note}.`));
  const end = apply ? [] : ["", "Nothing was done yet; with --apply it is."];
  return [table(io, HEAD, rows), ...(why.length > 0 ? ["", "Could not be moved:", ...why] : []), ...end].join(
    "\n",
  );
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
  const password = options.passwordStdin ? await input(io) : undefined;
  const foreign = await readLanraragi(redisOptions(options.redis, password, authorities));
  const apply = options.apply === true;
  const steps = await importLanraragi({
    ...{ client, foreign, apply },
    result: async (job) => resultOf(await waitForJob(session, job)),
    onStep: ({ what, name, state }) => apply && session.say(oneLine(`${what} ${name}: ${state}`)),
  });
  session.print({ applied: apply, steps }, () => text(io, steps, apply));
  const failed = steps.filter(({ state }) => state === "not done").length;
  if (apply && failed > 0) {
    throw new CommandFailed(
      `${failed} of ${steps.length} could not be moved.`,
      "Put right what stands beside them and import again: what is there already is left alone.",
    );
  }
};

/** `hitagi import …`: what other programs know of plugins. */
export const importCommands = (program: Command, io: Io): void => {
  const group = bare(
    program,
    "import",
    "Take over what another program knows of plugins.",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379",
  );
  leaf(
    group,
    "lanraragi",
    "Take over registries, plugins, settings and what is enabled from a LANraragi's Redis, which is only read. Shows what it would do; --apply does it.",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379",
    "hitagi import lanraragi --redis redis://127.0.0.1:6379 --apply",
  )
    .requiredOption(
      "--redis <address>",
      "its Redis, such as redis://host:port; the configuration is in database 2 unless another stands behind it",
    )
    .option("--password-stdin", "read the Redis' password from standard input")
    .option("--apply", "do it; else it is only shown")
    .action(withSession(io, importLanraragi));
};
