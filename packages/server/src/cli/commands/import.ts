import type { InstallPlan } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { sentence } from "../format.ts";
import type { Step } from "../import-lanraragi/context.ts";
import { type Io, readStdin } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import type { Lines } from "../safe-text.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { agreeToInstall } from "./install.ts";

interface Options {
  redis: string;
  passwordStdin?: boolean;
  apply?: boolean;
  yes?: boolean;
}

const columns: Columns<Step> = {
  WHAT: "what",
  NAME: "name",
  STATE: "state",
  NOTE: ({ state, note }) => (state === "not done" ? "see below" : note),
};

const text = (io: Io, steps: Step[], apply: boolean): Lines => {
  if (steps.length === 0)
    return "There is nothing to import: no registries, no data of plugins, and no tag rules.";
  const failed = steps.filter(({ state }) => state === "not done");
  const reasons = failed.map(({ what, name, note }) => `${what} ${name}: ${sentence(note)}`);
  return [
    table(io, columns, steps),
    ...(reasons.length > 0 ? ["", "Could not be imported:", ...reasons] : []),
    ...(apply ? [] : ["", "Nothing was changed. Use --apply to import."]),
  ];
};

const importFrom = async (session: Session, options: Options): Promise<void> => {
  const { io, client } = session;
  // Loaded only here: the other commands need no Redis.
  const [{ readLanraragi, redisOptions }, { importLanraragi }, { readConfig }, { readAuthorities }] =
    await Promise.all([
      import("../import-lanraragi/read.ts"),
      import("../import-lanraragi/import-lanraragi.ts"),
      import("../../config/config.ts"),
      import("../../config/network.ts"),
    ]);
  const authorities = readAuthorities(readConfig({}, io.env));
  const password = options.passwordStdin ? (await readStdin(io)).trim() : undefined;
  const foreign = await readLanraragi(redisOptions(options.redis, password, authorities));
  const apply = options.apply === true;
  const result = async (job: number) => resultOf(await waitForJob(session, job));
  const agree = (plan: InstallPlan) => agreeToInstall(session, plan, options);
  const steps = await importLanraragi({ client, foreign, apply, result, agree }, ({ what, name, state }) => {
    if (apply) session.say(`${what} ${name}: ${state}`);
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
export const importCommands = (program: CliCommand): void => {
  program
    .local("import", "Import registries, plugins and settings of another program.")
    .examples("hitagi import lanraragi --redis redis://127.0.0.1:6379")
    .remote(
      "lanraragi",
      "Import registries, plugins, settings, flags and tag rules from the Redis of a LANraragi, which is only read. Shows the plan; --apply imports.",
    )
    .examples(
      "hitagi import lanraragi --redis redis://127.0.0.1:6379",
      "hitagi import lanraragi --redis redis://127.0.0.1:6379 --apply",
    )
    .requiredOption(
      "--redis <address>",
      "its Redis, such as redis://host:port. Add /<database> if the configuration is not in database 2",
    )
    .option("--password-stdin", "read the password from standard input")
    .option("--apply", "import, instead of showing the plan")
    .option("-y, --yes", "do not ask: grant what the plugins ask for")
    .runRemote(importFrom);
};
