import { pathToFileURL } from "node:url";

/**
 * Node's modules as Deno has them. Deno imports them whatever its permissions are, and `node:process` or
 * `node:worker_threads` would give back what the harness takes away. A test holds this list to what Deno has.
 */
export const nodeModules =
  `_http_agent _http_client _http_common _http_incoming _http_outgoing _http_proxy _http_server
  _stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_writable _tls_common _tls_wrap
  assert assert/strict async_hooks buffer child_process cluster console constants contextify crypto dgram
  diagnostics_channel dns dns/promises domain events ffi fs fs/promises http http2 https inspector inspector/promises
  module net os path path/posix path/win32 perf_hooks process punycode querystring quic readline readline/promises
  repl sea sqlite stream stream/consumers stream/promises stream/web string_decoder sys test test/reporters timers
  timers/promises tls trace_events tty url util util/types v8 vfs vm wasi worker_threads zlib zlib/iter`.split(
    /\s+/,
  );

/** An address that no module can have, so that the import fails and says which one was meant. */
const refused = (name: string): [string, string] => [`node:${name}`, `not-available-to-plugins:${name}`];

/** The author's kit is types only. `import { type X }` of it is an import all the same, of nothing. */
const sdk: [string, string] = ["@hitagi/sdk", "data:text/javascript,"];

/** An import map that refuses every module of Node's, but for what the harness itself needs. */
export const importMap = (harness: string): object => ({
  imports: Object.fromEntries([...nodeModules.map(refused), sdk]),
  scopes: { [pathToFileURL(harness).href]: { "node:async_hooks": "node:async_hooks" } },
});
