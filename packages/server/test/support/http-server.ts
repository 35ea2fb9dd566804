import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Authority } from "./authority.ts";

const listen = async (server: Server | ReturnType<typeof createTlsServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
};

/** A real server on a free port of this machine, ended with the test. Answers its address, without a slash. */
export const httpServer = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`;

/** The same over TLS, with the certificate of an authority. */
export const httpsServer = async (
  { cert, key }: Pick<Authority, "cert" | "key">,
  listener: RequestListener,
): Promise<string> => `https://127.0.0.1:${await listen(createTlsServer({ cert, key }, listener))}`;
