import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { httpServer } from "../support/http-server.ts";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A real web server that keeps what it gets. @param answer the status of each request; 200 by default */
export const webReceiver = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void = () => {},
) => {
  const received: Received[] = [];
  const url = await httpServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      answer(request, response);
      response.end("taken");
    });
  });
  return { url, received };
};

export interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  isSecure: boolean;
  source: string;
}

/** A real SMTP server on a free port of this machine that keeps its mail; it ends with the test. */
export const mailReceiver = async (options: SMTPServerOptions = {}) => {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    onAuth: ({ username, password }, _session, done) =>
      password === "right" ? done(null, { user: username }) : done(new Error("Wrong password")),
    onData: (stream, session, done) => {
      void text(stream).then((source) => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          isSecure: session.secure,
          source,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { mails, port: (server.server.address() as AddressInfo).port };
};
