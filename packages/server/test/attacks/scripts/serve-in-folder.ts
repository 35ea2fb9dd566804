import { PassThrough } from "node:stream";
import { runCli } from "../../../src/cli/run-cli.ts";

const [, , folder = "", ...argv] = process.argv;
process.chdir(folder);
const write = (text: string) => process.stdout.write(text);
const io = { stdout: { write }, stderr: { write }, stdin: new PassThrough(), env: {}, cwd: folder };
process.exitCode = await runCli(["serve", "--port", "0", "--warm", "0", "--log", "silent", ...argv], io);
