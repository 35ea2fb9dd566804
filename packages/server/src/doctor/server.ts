import { createServer } from "node:net";
import { ApiError, api, type Client, type Output } from "@hitagi/contract";
import { Value } from "typebox/value";
import { version } from "../version.ts";
import { type Check, type Finding, note, ok, skipped, type Target, wrong } from "./finding.ts";

/** The code of the error if nothing can listen at an address, else undefined. */
const listenError = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (e: NodeJS.ErrnoException) => resolve(e.code ?? e.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });

const portFinding = async ({ config: { host, port } }: Target): Promise<Finding> => {
  const error = port === 0 ? undefined : await listenError(host, port);
  if (error === undefined) return ok("port", `${host}:${port} is free`);
  const hint = "Choose another address with --host or --port, or stop the program that uses it.";
  return wrong("port", `A server cannot listen on ${host}:${port} (${error})`, hint);
};

const versionFinding = (found: string): Finding => {
  if (found === version) return ok("version", `The server and this command have version ${found}`);
  const text = `The server has version ${found}, this command ${version}`;
  return note("version", text, "Use the same version of both. Restart the server after an update.");
};

/** The server's health. A server that cannot work sends it too, with status 503. */
const getHealth = async (client: Client): Promise<Output<"getHealth">> => {
  try {
    return await client.getHealth({});
  } catch (e) {
    const body: unknown = e instanceof ApiError ? e.failure : undefined;
    if (Value.Check(api.getHealth.response, body)) return body;
    throw e;
  }
};

const storeFinding = ({ store, storeFault }: Output<"getHealth">): Finding => {
  if (store === "ok") return ok("store", "The server reads and writes it");
  const { error, hint } = storeFault ?? {
    error: "The server cannot use it",
    hint: "Check the server's log, and the disk of the data folder.",
  };
  return wrong("store", error, hint);
};

const healthFindings = async (client: Client): Promise<Finding[]> => {
  const health = await getHealth(client);
  const { status, artifactsFault, runtimes, quarantined } = health;
  const findings = [storeFinding(health)];
  if (artifactsFault) findings.push(wrong("artifacts", artifactsFault.error, artifactsFault.hint));
  for (const [name, state] of Object.entries(runtimes)) {
    if (state !== "unavailable") continue;
    const hint = "The lines above and its log say why. Then restart it.";
    findings.push(wrong(name, `The server cannot run plugins with ${name}`, hint));
  }
  if (quarantined > 0) {
    const hint = "`hitagi list` shows them with the reason of each, and what to do.";
    findings.push(note("plugins", `${quarantined} in quarantine`, hint));
  }
  if (status === "ok") findings.push(ok("health", "The server is healthy"));
  return findings;
};

/** Where a server with these settings listens; empty if the system chose its port. */
const listensAt = ({ host, port }: Target["config"]): string =>
  port === 0 ? "" : `, and listens on ${host.includes(":") ? `[${host}]` : host}:${port}`;

/** What is said of the server that answers. */
const answerFinding = ({ holder, address, config }: Target): Finding => {
  if (address === undefined) {
    const text = `It answers at the socket of this data folder${listensAt(config)}`;
    return ok("server", holder === undefined ? text : `${text} (process ${holder})`);
  }
  if (holder !== undefined) return ok("server", `${address} answers (process ${holder})`);
  return note(
    "server",
    `${address} answers, but does not use this data folder`,
    "The folders above are not that server's. Give its data folder with --data.",
  );
};

/** Checks that a server runs, answers, and uses this data folder. */
export const checkServer: Check = async (target) => {
  const { server, holder, address } = target;
  if (!server && holder !== undefined) {
    const text = `Process ${holder} uses the data folder, but nothing answers at ${address}`;
    const hint = "Give its address with --server or HITAGI_SERVER. If it hangs, see its log, then end it.";
    return [wrong("server", text, hint)];
  }
  if (!server) return [skipped("server", `None runs at ${address}`), await portFinding(target)];
  const refused = wrong(
    "api key",
    "The server refuses it",
    "Give the server's key with --key, or its data folder with --data.",
  );
  return [
    answerFinding(target),
    versionFinding(server.version),
    ...(server.client ? await healthFindings(server.client) : [refused]),
  ];
};
