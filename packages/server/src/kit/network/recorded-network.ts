import { isIP } from "node:net";
import { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import type { Dispatcher } from "undici";
import { type Lookup, lookupAll } from "../../net/addresses.ts";
import {
  type Answer,
  type Connection,
  type Connections,
  connectGranted,
  createConnections,
} from "../../net/connections.ts";
import { grantedReach } from "../../net/granted-hosts.ts";
import { readBody } from "../../net/http-body.ts";
import { headerFields } from "../../net/response-headers.ts";
import { bytesOf, type Exchange, keptBody, type Recording } from "./recording.ts";
import { type SecretNames, withoutSecrets } from "./secrets.ts";

/**
 * How requests are answered. `record`: from the recording, and from the site where it has no answer, which is then kept.
 * `live`: from the site; its answers replace those of the recording. `replay`: from the recording only.
 */
export type NetworkMode = "record" | "live" | "replay";

/** What the network of the next run is made of. */
export interface NetworkOfRun {
  mode: NetworkMode;
  recording: Recording;
  secrets: SecretNames;
  /** Told of each answer that came from the recording. @param url without its query */
  onReplay(method: string, url: string): void;
  /** Replaces the answer of a site or a recording, for a check; undefined leaves it. */
  instead?: ((signal: AbortSignal | undefined) => Promise<Answer | undefined>) | undefined;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** No connection is made to it: a name is looked up when a request really goes out. */
const ANY_ADDRESS = "8.8.8.8";

const signalOf = ({ signal }: Dispatcher.RequestOptions): AbortSignal | undefined =>
  signal instanceof AbortSignal ? signal : undefined;

const headerOf = (headers: Dispatcher.RequestOptions["headers"], name: string): string => {
  const list = Array.isArray(headers) ? headers.map(String) : [];
  const at = list.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? "" : (list[at + 1] ?? "");
};

const answerOf = ({ status, headers, body }: Exchange): Answer => ({
  statusCode: status,
  statusText: "",
  headers,
  body: Readable.from([bytesOf(body)]),
});

const unrecorded = (method: string, url: string): HitagiError =>
  new HitagiError("REQUEST_FAILED", {
    host: new URL(url).host,
    reason: `the recording has no answer to ${method} ${url}; record it with \`hitagi dev\`, or name the answer in the test`,
  });

/** The network of plugins that are run one after another: recorded and replayed. The broker has checked the grant of the host. */
export const createRecordedNetwork = (): {
  connections: Connections;
  lookup: Lookup;
  use(run: NetworkOfRun): void;
} => {
  const real = createConnections();
  let run: NetworkOfRun | undefined;

  const goOut = async (
    options: Dispatcher.RequestOptions,
    namespace: string,
    origin: string,
  ): Promise<Answer> => {
    const url = new URL(origin);
    // The address of the host is checked here, as the broker does where requests are not recorded.
    const connection = await connectGranted(
      { connections: real, lookup: lookupAll },
      {
        namespace,
        url,
        reach: grantedReach([url.host], url),
        denied: (reason) => new HitagiError("CAPABILITY_DENIED", { action: `reach ${url.host}`, reason }),
        notGranted: "this host is not granted",
        signal: signalOf(options) ?? new AbortController().signal,
      },
    );
    return connection.request(options);
  };

  /** The answer with its body as it is after decoding. */
  const received = async (
    answer: Answer,
    request: Pick<Exchange, "method" | "url" | "sent">,
    signal: AbortSignal | undefined,
  ): Promise<Exchange> => {
    const fields = headerFields(answer.headers);
    const encoding = fields
      .filter(([name]) => name === "content-encoding")
      .map(([, value]) => value)
      .join(",");
    const { bytes } = await readBody(answer.body, request.method === "HEAD" ? "" : encoding, undefined, {
      maxBytes: MAX_BYTES,
      tooLarge: () =>
        new HitagiError("CAPABILITY_LIMIT", { reason: `the answer is larger than ${MAX_BYTES} bytes` }),
      signal: signal ?? new AbortController().signal,
    });
    const kept = fields.filter(([name]) => !/^content-(encoding|length)$/.test(name));
    const headers = Object.fromEntries(kept);
    const body = keptBody(bytes, headers["content-type"] ?? "");
    return { ...request, status: answer.statusCode, headers, ...(body && { body }) };
  };

  const connectionTo = async (namespace: string, origin: string): Promise<Connection> => ({
    request: async (options) => {
      if (!run) throw new Error("no run has begun");
      const { mode, recording, secrets, onReplay, instead } = run;
      const signal = signalOf(options);
      const other = await instead?.(signal);
      if (other) return other;
      const url = secrets.hide(`${origin}${options.path}`);
      const bytes = Buffer.isBuffer(options.body) ? options.body : Buffer.alloc(0);
      const sent = keptBody(
        Buffer.from(secrets.hide(bytes.toString("latin1")), "latin1"),
        headerOf(options.headers, "content-type"),
      );
      const request = { method: options.method, url, ...(sent && { sent }) };
      const known = mode === "live" ? undefined : recording.find(request);
      if (known) {
        onReplay(options.method, `${origin}${options.path.replace(/\?.*$/, "")}`);
        return answerOf(JSON.parse(secrets.show(JSON.stringify(known))) as Exchange);
      }
      if (mode === "replay") throw unrecorded(options.method, url);
      const exchange = await received(await goOut(options, namespace, origin), request, signal);
      recording.add(withoutSecrets(exchange, secrets));
      return answerOf(exchange);
    },
  });

  return {
    connections: { to: connectionTo, close: real.close },
    lookup: async (host) => {
      const address = host === "localhost" ? "127.0.0.1" : ANY_ADDRESS;
      return [{ address, family: isIP(address) }];
    },
    use: (next) => {
      next.recording.rewind();
      run = next;
    },
  };
};
