import { Argument, type Command } from "commander";
import { installHints, type Shell, scripts, shells } from "../completion/scripts.ts";
import { createServerNames } from "../completion/server-names.ts";
import { suggest } from "../completion/suggest.ts";
import { hiddenCommand, localCommand } from "../define-command.ts";
import type { Io } from "../io.ts";

/** `hitagi completion`, which a user runs once, and `hitagi complete`, which the shell runs on every TAB. */
export const completionCommands = (program: Command, io: Io): void => {
  localCommand(
    program,
    "completion",
    "Print a shell script that completes commands, options, plugins and registries.",
    ...shells.map((shell) => installHints[shell]),
    "source <(hitagi completion bash)",
  )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action((shell: Shell) => void io.stdout.write(scripts[shell]));
  hiddenCommand(
    program,
    "complete [words...]",
    "Print suggestions for the last word.",
    "hitagi complete registry re",
  ).action(async (words: string[]) => {
    const lines = await suggest(program, words, createServerNames(io));
    io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  });
};
