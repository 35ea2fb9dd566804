import { expect, test } from "vitest";
import { isHit, placeOf } from "../../src/admission/block-match.ts";

const hit = (kind: Parameters<typeof isHit>[0]["kind"], value: string, url?: string): boolean =>
  isHit({ kind, value }, { namespace: "echo", sha256: "a".repeat(64), registry: url ? { url } : undefined });

test.each([
  ["https://GitHub.com/evil/plugins.git", "github.com", "/evil/plugins"],
  ["git@github.com:evil/plugins.git", "github.com", "/evil/plugins"],
  ["ssh://git@github.com/evil/plugins/", "github.com", "/evil/plugins"],
  ["https://example.org:8443/r/", "example.org:8443", "/r"],
  ["https://example.org./r", "example.org", "/r"],
])("%s is the place %s%s", (address, host, path) => {
  expect(placeOf(address)).toEqual({ host, path });
});

const URL_OF_EVIL = "https://github.com/evil/plugins";
test.each([
  ["namespace", "echo", undefined, true],
  ["namespace", "ech", undefined, false],
  ["hash", `sha256:${"a".repeat(64)}`, undefined, true],
  ["hash", `sha256:${"b".repeat(64)}`, undefined, false],
  ["address", "https://github.com/evil/plugins", "git@github.com:evil/plugins.git", true],
  ["address", "https://github.com/evil/plug", URL_OF_EVIL, false],
  ["address", "https://github.com/evil", URL_OF_EVIL, true],
  ["address", "https://github.com/evil", "https://github.com//EVIL/plugins", true],
  ["host", "github.com", URL_OF_EVIL, true],
  ["host", "*.example.org", "https://a.example.org/r", true],
  ["host", "*.example.org", "https://example.org/r", false],
  ["host", "example.org", "https://example.org:8443/r", true],
  ["owner", "github.com/evil", URL_OF_EVIL, true],
  ["owner", "github.com/EV*", URL_OF_EVIL, true],
  ["owner", "github.com/ev", URL_OF_EVIL, false],
  ["owner", "example.org/evil", "https://example.org:8443/evil/r", true],
  ["owner", "gitlab.com/evil", URL_OF_EVIL, false],
  ["owner", "github.com/e.il", URL_OF_EVIL, false],
  ["host", "github.com", undefined, false],
] as const)("the entry %s %s of a plugin from %s: %s", (kind, value, url, expected) => {
  expect(hit(kind, value, url)).toBe(expected);
});
