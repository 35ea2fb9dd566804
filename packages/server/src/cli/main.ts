import { exitCodes } from "./failure.ts";
import { processIo } from "./io.ts";
import { runCli } from "./run-cli.ts";

/** A reader may close the pipe early, as `head` does. That is not an error. */
process.stdout.on("error", (e: NodeJS.ErrnoException) => {
  if (e.code === "EPIPE") process.exit(exitCodes.done);
  throw e;
});

process.exitCode = await runCli(process.argv.slice(2), processIo());
