/** Serves until it is killed, and says where. Argument: the settings, as JSON. Says the code of an error that kept it from starting. */
import { isHitagiError } from "@hitagi/contract";
import { pino } from "pino";
import { startServer } from "../../../src/app/listen.ts";
import { readConfig } from "../../../src/config/config.ts";

const config = readConfig(JSON.parse(process.argv[2] ?? "{}"), {});
try {
  const { address, apiKey } = await startServer(config, pino({ level: "silent" }));
  console.log(JSON.stringify({ address, apiKey }));
} catch (e) {
  console.log(JSON.stringify({ refused: isHitagiError(e) ? e.code : String(e) }));
}
