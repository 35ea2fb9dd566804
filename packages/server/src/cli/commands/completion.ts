import { Argument } from "commander";
import type { CliCommand } from "../command.ts";
import { installHints, type Shell, scripts, shells } from "../completion/scripts.ts";
import { suggest } from "../completion/suggest.ts";

/** `hitagi completion`, which a user runs once, and `hitagi complete`, which the shell runs on every TAB. */
export const completionCommands = (program: CliCommand): void => {
  const { io } = program;
  program
    .local("completion", "Print a shell script that completes commands, options, plugins and registries.")
    .examples(...shells.map((shell) => installHints[shell]), "source <(hitagi completion bash)")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action((shell: Shell) => void io.stdout.write(scripts[shell]));
  program
    .command("complete [words...]", { hidden: true })
    .description("Print suggestions for the last word.")
    .examples("hitagi complete registry re")
    .action(async (words: string[]) => {
      const lines = await suggest(io, program, words);
      io.stdout.write(lines.map((line) => `${line}\n`).join(""));
    });
};
