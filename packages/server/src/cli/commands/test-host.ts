import type { CliCommand } from "../command.ts";
import type { Printer } from "../session.ts";

const serve = async ({ io }: Printer): Promise<void> => {
  const { serveTests } = await import("../../kit/test-host.ts");
  await serveTests(io.stdin, (line) => io.stdout.write(`${line}\n`));
};

/** `hitagi test-host`: runs plugins for `@hitagi/sdk/testing`, which starts it. Not for people. */
export const testHostCommand = (program: CliCommand): void => {
  program
    .command("test-host", { hidden: true })
    .description("Run plugins for @hitagi/sdk/testing, over standard input and output.");
  const command = program.commands.at(-1) as CliCommand;
  command.runLocal(serve);
};
