import fc from "fast-check";
import { expect, test } from "vitest";
import { grantedReach } from "../../src/net/granted-hosts.ts";

const reach = (granted: string[], url: string) => grantedReach(granted, new URL(url));

test.each([
  ["example.org", "https://example.org/a?b", "public"],
  ["example.org", "http://example.org/", "public"],
  ["EXAMPLE.org", "https://Example.ORG/", "public"],
  ["*.example.org", "https://a.b.example.org/", "public"],
  ["example.org:8443", "https://example.org:8443/", "public"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080/", "itself"],
  ["127.0.0.1:8080", "http://2130706433:8080/", "itself"],
  ["localhost:9000", "http://localhost:9000/", "loopback"],
  ["nas:5000", "http://nas:5000/", "local"],
  ["nas.local", "http://nas.local/", "local"],
  ["*.nas.local", "http://box.nas.local/", "public"],
  ["box.home.arpa", "http://box.home.arpa/", "local"],
  ["box.internal", "http://box.internal/", "local"],
  ["box.lan", "http://box.lan/", "local"],
  ["example.org:80", "http://example.org/", "public"],
  ["example.org:443", "https://example.org/", "public"],
])("the grant %s opens %s as %s", (grant, url, expected) => {
  expect(reach([grant], url)).toBe(expected);
});

test.each([
  ["example.org", "https://www.example.org/"],
  ["example.org", "https://badexample.org/"],
  ["example.org", "https://example.org.evil.net/"],
  ["example.org", "https://example.org:8443/"],
  ["example.org", "https://example.org@evil.net/"],
  ["*.example.org", "https://example.org/"],
  ["*.example.org", "https://evilexample.org/"],
  ["example.org:8443", "https://example.org/"],
  ["127.0.0.1:8080", "http://127.0.0.1/"],
  ["127.0.0.1:8080", "http://[::1]:8080/"],
  ["127.0.0.1", "http://localhost/"],
  ["example.org:80", "https://example.org/"],
  ["example.org:443", "http://example.org/"],
])("the grant %s does not open %s", (grant, url) => {
  expect(reach([grant], url)).toBeUndefined();
});

test("a grant of the host itself wins over a wildcard, in any order", () => {
  const grants = ["*.local", "nas.local"];
  expect(reach(grants, "http://nas.local/")).toBe("local");
  expect(reach(grants.toReversed(), "http://nas.local/")).toBe("local");
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));

test("a host is granted only by its own name, and its subdomains only by the wildcard", () => {
  fc.assert(
    fc.property(host, host, label, (granted, other, sub) => {
      expect(reach([granted], `https://${granted}/`)).toMatch(/^(public|local)$/);
      expect(reach([granted], `https://${sub}.${granted}/`)).toBeUndefined();
      expect(reach([`*.${granted}`], `https://${sub}.${granted}/`)).toBe("public");
      expect(reach([`*.${granted}`], `https://${sub}${granted}/`)).toBeUndefined();
      expect(reach([granted], `https://${other}/`) !== undefined).toBe(other === granted);
      expect(reach([`*.${granted}`], `https://${other}/`) !== undefined).toBe(other.endsWith(`.${granted}`));
    }),
  );
});

test("only the named port is granted; without one, 80 and 443 are", () => {
  fc.assert(
    fc.property(
      host,
      fc.integer({ min: 1, max: 65_535 }),
      fc.integer({ min: 1, max: 65_535 }),
      (name, a, b) => {
        expect(reach([`${name}:${a}`], `http://${name}:${b}/`) !== undefined).toBe(a === b);
        expect(reach([name], `http://${name}:${a}/`) !== undefined).toBe(a === 80 || a === 443);
      },
    ),
  );
});
