import { expect, test } from "vitest";
import { hostsIn } from "../../../src/kit/port/hosts.ts";

test.each([
  ["a site", `get("https://api.example.org/search")`, ["api.example.org"]],
  [
    "a pattern",
    String.raw`url_regex => "https?:\/\/(www\.)?x", m{https?://example\.org/g/}`,
    ["example.org"],
  ],
  [
    "a server of the own network",
    `"http://192.168.1.20:5000/api", "http://nas.lan"`,
    ["192.168.1.20:5000", "nas.lan"],
  ],
  [
    "a server of this machine",
    `"http://localhost:18765/", "http://127.0.0.1:8080/"`,
    ["127.0.0.1:8080", "localhost:18765"],
  ],
  [
    "a port of its own, and the usual ones",
    `"https://a.example:8443/ http://b.example:80/ https://c.example:443/"`,
    ["a.example:8443", "b.example", "c.example"],
  ],
  ["a comment, a file and no address", `# http://left.example\n"http://info.json" "localhost"`, []],
])("the hosts of %s are found", (_what, source, hosts) => {
  expect(hostsIn(source)).toEqual(hosts);
});
