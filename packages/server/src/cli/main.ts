import { version } from "../version.ts";
import { exitCodes } from "./exit-codes.ts";
import { processIo } from "./io.ts";

/** A reader may close the pipe early, as `head` does. That is not an error. */
process.stdout.on("error", (e: NodeJS.ErrnoException) => {
  if (e.code === "EPIPE") process.exit(exitCodes.done);
  throw e;
});

/** Loads only what the arguments need. The program's version, for one, needs none of its commands. */
const run = async (argv: string[]): Promise<number> => {
  const [first] = argv;
  if (argv.length === 1 && (first === "--version" || first === "-V")) {
    process.stdout.write(`${version}\n`);
    return exitCodes.done;
  }
  if (first === "serve") return (await import("./run-server.ts")).runServer(argv, processIo());
  return (await import("./run-cli.ts")).runCli(argv, processIo());
};

process.exitCode = await run(process.argv.slice(2));
