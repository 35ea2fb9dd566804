import { Argument, type Command } from "commander";
import { knownBy } from "../completion/known.ts";
import { installHints, type Shell, scripts, shells } from "../completion/scripts.ts";
import { suggest } from "../completion/suggest.ts";
import type { Io } from "../io.ts";
import { bare, hidden } from "../leaf.ts";

/** `hitagi completion`, which a person runs once, and `hitagi complete`, which the shell runs at every TAB. */
export const completionCommands = (program: Command, io: Io): void => {
  bare(
    program,
    "completion",
    "Print what makes a shell complete commands, options, plugins and registries.",
    ...shells.map((shell) => installHints[shell]),
    "source <(hitagi completion bash)",
  )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action((shell: Shell) => void io.stdout.write(scripts[shell]));
  hidden(
    program,
    "complete [words...]",
    "Print what may stand there next.",
    "hitagi complete registry re",
  ).action(async (words: string[]) => {
    const lines = await suggest(program, words, knownBy(io));
    io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  });
};
