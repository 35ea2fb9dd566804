import { createHash } from "node:crypto";
import {
  type IndexPlugin,
  type IndexVersion,
  type Namespace,
  type RegistryIndex,
  toNamespace,
} from "@hitagi/contract";
import fc from "fast-check";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const identifier = fc.oneof(
  fc.stringMatching(/^[0-9A-Za-z-]{0,5}[A-Za-z-][0-9A-Za-z-]{0,5}$/),
  fc.nat(99).map(String),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 3n }).map(String),
);
const dotted = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
/** Also numbers that are not exact as such. */
const number = fc.oneof(fc.nat(3), fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 53n + 3n }).map(String));

/** Any version of SemVer 2.0.0. */
export const semver = fc
  .tuple(number, number, number, fc.option(dotted), fc.option(dotted))
  .map(
    ([a, b, c, pre, build]) =>
      `${a}.${b}.${c}${pre === null ? "" : `-${pre}`}${build === null ? "" : `+${build}`}`,
  );

const time = fc
  .date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`)
  .filter((iso) => iso.length === 20);

const artifact = fc
  .array(fc.constantFrom("a", "plugins", "1.0.0+b", "with space", "ü", "..x", "x..", "100%", "é.ts"), {
    minLength: 1,
    maxLength: 4,
  })
  .map((segments) => segments.join("/"));

const sha256 = fc.nat().map((n) => createHash("sha256").update(String(n)).digest("hex"));

const version = (key: string): fc.Arbitrary<IndexVersion> =>
  fc.record({
    version: fc.constant(key),
    name: text,
    author: text,
    description: text,
    artifact,
    sha256,
    published_at: time,
  });

/** Entries under keys that may be `__proto__`; objects made so have them as their own. */
const keyed = <K extends string, T>(
  keys: fc.Arbitrary<K>,
  make: (key: K) => fc.Arbitrary<T>,
  minLength: number,
) =>
  fc
    .uniqueArray(keys, { minLength, maxLength: 4 })
    .chain((all) => fc.tuple(...all.map((key) => fc.tuple(fc.constant(key), make(key)))))
    .map((entries): Record<string, T> => Object.fromEntries(entries));

const plugin = (namespace: Namespace): fc.Arbitrary<IndexPlugin> =>
  fc.record({
    namespace: fc.constant(namespace),
    type: fc.constantFrom("metadata", "download", "login", "script"),
    versions: keyed(semver, version, 1),
  });

const namespace = fc.oneof(
  fc.stringMatching(/^[a-z0-9_-]{1,10}$/).map(toNamespace),
  fc.constantFrom<Namespace[]>("__proto__", "constructor", "tostring", "7", "12", "-"),
);

/** Any valid index, with at least so many plugins. */
export const validIndex = (plugins = 0): fc.Arbitrary<RegistryIndex> =>
  fc.record({
    version: fc.constant(1 as const),
    generated_at: time,
    plugins: keyed(namespace, plugin, plugins),
  });
