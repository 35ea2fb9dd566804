/** Node's modules in Deno, whose import needs no permission, with `node:` or without. A test compares this list with Deno's. */
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

/** Addresses that begin like this. A map cannot match a prefix of data:, blob:, npm: and jsr: addresses. */
const prefixes = ["file:///", "http://", "https://"];

/** An address that no module has. */
const NOWHERE = "not-available-to-plugins:/";

/** What the two programs in the folder of the map need of Node's modules. */
const programs = { "./harness.js": "node:async_hooks", "./compiler.js": "node:module" };

const rejected = [...nodeModules.flatMap((name) => [name, `node:${name}`]), ...prefixes];

/** An import map that sends files, the web and all of Node's modules to nothing, except what the programs need. */
export const importMap = {
  imports: Object.fromEntries([
    ...rejected.map((name) => [name, NOWHERE]),
    ...Object.keys(programs).map((program) => [program, program]),
  ]),
  scopes: Object.fromEntries(Object.entries(programs).map(([program, name]) => [program, { [name]: name }])),
};
