import { serveCommand } from "./commands/serve.ts";
import type { Io } from "./io.ts";
import { runProgram } from "./program.ts";

/** Runs `hitagi serve` without the code of the other commands. */
export const runServer = (argv: string[], io: Io): Promise<number> => runProgram(argv, io, [serveCommand]);
