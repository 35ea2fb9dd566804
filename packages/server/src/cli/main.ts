import { exitCodes } from "./failure.ts";
import { processIo } from "./io.ts";
import { runCli } from "./run-cli.ts";

/** Whoever reads the answer may stop reading, as `head` does. That is no failure, and there is nobody left to tell. */
process.stdout.on("error", (e: NodeJS.ErrnoException) => {
  if (e.code === "EPIPE") process.exit(exitCodes.done);
  throw e;
});

process.exitCode = await runCli(process.argv.slice(2), processIo());
