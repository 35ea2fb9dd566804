import { createServer } from "node:net";
import { version } from "../version.ts";
import { healthFindings } from "./health.ts";
import { type Check, type Finding, note, ok, type Patient, skipped, wrong } from "./types.ts";

/** The code of the error that listening ends with; undefined where it can be listened there. */
const listenFault = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (e: NodeJS.ErrnoException) => resolve(e.code ?? e.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

const portFinding = async ({ config: { host, port } }: Patient): Promise<Finding> => {
  const fault = port === 0 ? undefined : await listenFault(host, port);
  if (fault === undefined) return ok("port", `${host}:${port} is free`);
  const hint = "Choose another with --port or --host, or stop what uses it.";
  return wrong("port", `A server could not listen on ${host}:${port} (${fault})`, hint);
};

const versionFinding = (found: string): Finding => {
  if (found === version) return ok("version", `The server is ${found}, as this command is`);
  return note(
    "version",
    `The server is ${found}, this command is ${version}`,
    "Use the same version of both; restart the server after an update.",
  );
};

/** Whether a server runs, answers, and is the one of this data folder. */
export const checkServer: Check = async (patient) => {
  const { server, holder, address } = patient;
  if (!server && holder !== undefined) {
    const hint =
      "Name its address with --server or HITAGI_SERVER. If it hangs, its log says why; end that process then.";
    return [
      wrong("server", `Process ${holder} has the data folder, and nothing answers at ${address}`, hint),
    ];
  }
  if (!server) return [skipped("server", `None runs at ${address}`), await portFinding(patient)];
  const keyless = wrong(
    "api key",
    "The server does not take it",
    "Give the server's key with --key, or its data folder with --data.",
  );
  const elsewhere = note(
    "server",
    `${address} answers, and is not on this data folder`,
    "The folders above are not that server's: name its own with --data.",
  );
  return [
    holder === undefined ? elsewhere : ok("server", `${address} answers (process ${holder})`),
    versionFinding(server.version),
    ...(server.client ? await healthFindings(server.client) : [keyless]),
  ];
};
