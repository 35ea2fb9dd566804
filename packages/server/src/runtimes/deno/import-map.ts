import { pathToFileURL } from "node:url";

/** Node's modules in Deno, whose import needs no permission. A test compares this list with Deno's. */
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

/** An address that no module has, so that the import fails with the module's name in the message. */
const rejected = (name: string): [string, string] => [`node:${name}`, `not-available-to-plugins:${name}`];

/** The author's kit has only types. `import { type X }` still imports the module, so it is empty. */
const sdk: [string, string] = ["@hitagi/sdk", "data:text/javascript,"];

/** An import map that rejects all of Node's modules, except what the harness itself needs. */
export const importMap = (harness: string): object => ({
  imports: Object.fromEntries([...nodeModules.map(rejected), sdk]),
  scopes: { [pathToFileURL(harness).href]: { "node:async_hooks": "node:async_hooks" } },
});
