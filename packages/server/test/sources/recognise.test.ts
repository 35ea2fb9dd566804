import { type RegistryFields, redact } from "@hitagi/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHttp } from "../../src/sources/http.ts";
import { recognise } from "../../src/sources/recognise.ts";
import { createSources } from "../../src/sources/sources.ts";
import { sourceDeps } from "../support/source-deps.ts";

const deps = sourceDeps(createHttp(), "/nonexistent");
const { forges: bases } = deps;
const sources = createSources(deps);

const placesOf = (address: string): Partial<RegistryFields>[] => {
  const found = recognise(address, bases);
  if (typeof found === "string") throw new Error(found);
  return found.map(({ name: _, ...place }) => place);
};

describe("an address", () => {
  const github = { provider: "github", url: "https://github.com/o/r" };
  const gitlab = { provider: "gitlab", url: "https://gitlab.com/a/b/c" };
  const gitea = { provider: "gitea", url: "https://codeberg.org/o/r" };

  test.each<[string, object]>([
    ["https://github.com/o/r", { ...github, ref: "HEAD" }],
    ["github.com/o/r", { ...github, ref: "HEAD" }],
    [" https://github.com/o/r.git ", { ...github, ref: "HEAD" }],
    ["https://github.com/o/r/?tab=readme-ov-file#readme", { ...github, ref: "HEAD" }],
    ["https://github.com/o/r/releases", { ...github, ref: "HEAD" }],
    ["https://github.com/o/r/releases/tag/v1.0", { ...github, ref: "v1.0" }],
    [`https://github.com/o/r/commit/${"a".repeat(40)}`, { ...github, ref: "a".repeat(40) }],
    ["https://github.com/o/r#dev", { ...github, ref: "dev" }],
    ["github.com/o/r.git#feature/x", { ...github, ref: "feature/x" }],
    ["git+https://github.com/o/r.git#v1.0", { ...github, ref: "v1.0" }],
    ["https://github.com/o/r/blob/main/a/registry.json#L10-L20", { ...github, ref: "main", folder: "a" }],
    ["https://www.github.com/o/r/tree/main/a", { ...github, ref: "main", folder: "a" }],
    ["http://github.com/o/r", { ...github, ref: "HEAD" }],
    ["http://www.github.com/o/r", { ...github, ref: "HEAD" }],
    ["www.github.com/o/r", { ...github, ref: "HEAD" }],
    ["HTTP://WWW.GitHub.com/o/r", { ...github, ref: "HEAD" }],
    ["http://raw.githubusercontent.com/o/r/main/registry.json", { ...github, ref: "main" }],
    ["http://gitlab.com/a/b/c#dev", { ...gitlab, ref: "dev" }],
    ["http://www.codeberg.org/o/r", { ...gitea, ref: "HEAD" }],
    ["https://gitlab.com/a/b/c/-/tags/v1", { ...gitlab, ref: "v1" }],
    ["https://codeberg.org/o/r/releases/tag/v1", { ...gitea, ref: "v1" }],
    ["git@github.com:o/r.git#dev", { provider: "git", url: "git@github.com:o/r.git", ref: "dev" }],
    ["ssh://git@host.example/o/r#dev", { provider: "git", url: "ssh://git@host.example/o/r", ref: "dev" }],
    [
      "https://host.example/o/r.git#dev",
      { provider: "git", url: "https://host.example/o/r.git", ref: "dev" },
    ],
    ["https://me@host.example/o/r#dev", { provider: "git", url: "https://me@host.example/o/r", ref: "dev" }],
    ["https://host.example/o/r#dev", { provider: "gitea", url: "https://host.example/o/r", ref: "dev" }],
    ["http://www.host.example/a/", { provider: "cdn", url: "http://www.host.example/a/" }],
    ["\thttps://host.example/a\n", { provider: "cdn", url: "https://host.example/a" }],
    ["https://github.com/o/r/tree/main", { ...github, ref: "main" }],
    ["https://github.com/o/r/tree/main/a/b%20c/", { ...github, ref: "main", folder: "a/b c" }],
    ["https://github.com/o/r/blob/v1.0/a/registry.json", { ...github, ref: "v1.0", folder: "a" }],
    ["https://github.com/o/r/raw/refs/heads/main/registry.json", { ...github, ref: "main" }],
    ["https://raw.githubusercontent.com/o/r/main/a/registry.json", { ...github, ref: "main", folder: "a" }],
    ["https://raw.githubusercontent.com/o/r/refs/tags/v1/registry.json", { ...github, ref: "v1" }],
    ["https://gitlab.com/a/b/c", { ...gitlab, ref: "HEAD" }],
    ["https://gitlab.com/a/b/c/-/tree/main/d?ref_type=heads", { ...gitlab, ref: "main", folder: "d" }],
    ["https://gitlab.com/a/b/c/-/blob/main/registry.json", { ...gitlab, ref: "main" }],
    [
      "https://code.example/x/y/-/tree/v1",
      { provider: "gitlab", url: "https://code.example/x/y", ref: "v1" },
    ],
    ["https://codeberg.org/o/r", { ...gitea, ref: "HEAD" }],
    ["https://codeberg.org/o/r/src/branch/main/d", { ...gitea, ref: "main", folder: "d" }],
    ["https://codeberg.org/o/r/raw/tag/v1/registry.json", { ...gitea, ref: "v1" }],
    [
      `https://codeberg.org/o/r/src/commit/${"a".repeat(40)}/d`,
      { ...gitea, ref: "a".repeat(40), folder: "d" },
    ],
    [
      "https://git.example/o/r/src/branch/main",
      { provider: "gitea", url: "https://git.example/o/r", ref: "main" },
    ],
    ["git@github.com:o/r.git", { provider: "git", url: "git@github.com:o/r.git", ref: "HEAD" }],
    ["ssh://git@host.example:22/o/r", { provider: "git", url: "ssh://git@host.example:22/o/r", ref: "HEAD" }],
    ["git+ssh://git@host.example/o/r", { provider: "git", url: "ssh://git@host.example/o/r", ref: "HEAD" }],
    ["https://host.example/o/r.git", { provider: "git", url: "https://host.example/o/r.git", ref: "HEAD" }],
    ["https://me@host.example/o/r", { provider: "git", url: "https://me@host.example/o/r", ref: "HEAD" }],
    ["http://host.example/registry/registry.json", { provider: "cdn", url: "http://host.example/registry/" }],
    ["https://host.example/a/b/registry.json", { provider: "cdn", url: "https://host.example/a/b/" }],
    ["host.example/registry", { provider: "cdn", url: "https://host.example/registry" }],
    ["/srv/registry/registry.json", { provider: "local", path: "/srv/registry" }],
    ["C:\\registry", { provider: "local", path: "C:\\registry" }],
    ["\\\\server\\share", { provider: "local", path: "\\\\server\\share" }],
  ])("%s is recognised", (address, place) => {
    expect(placesOf(address)[0]).toEqual(place);
  });

  test("of an unknown host is a web folder first, then the other candidates", () => {
    expect(placesOf("https://host.example/a/b").map(({ provider }) => provider)).toEqual([
      "cdn",
      "gitea",
      "gitlab",
      "git",
    ]);
    expect(placesOf("https://host.example/a/b/c").map(({ provider }) => provider)).toEqual([
      "cdn",
      "gitlab",
      "git",
    ]);
    expect(placesOf("https://host.example").map(({ provider }) => provider)).toEqual(["cdn"]);
  });

  test("with a branch that may have slashes has all candidates", () => {
    expect(
      placesOf("https://github.com/o/r/tree/feature/x/y").map(({ ref, folder }) => [ref, folder]),
    ).toEqual([
      ["feature", "x/y"],
      ["feature/x", "y"],
      ["feature/x/y", undefined],
    ]);
  });

  test.each([
    "https://github.com/o/r/tree/main#dev",
    "https://host.example/a/registry.json#dev",
    "http://host.example/a#dev",
  ])("%s names a branch that cannot be used, and is refused", (address) => {
    expect(recognise(address, bases)).toMatch(/ #/);
  });

  test.each([
    "https://github.com/o/r/pull/12",
    "https://github.com/o/r/pull/12/files",
    "https://github.com/o/r/compare/main...dev",
    "https://gitlab.com/a/b/c/-/merge_requests/3",
    "https://gitlab.com/a/b/c/-/compare/main...dev",
    "https://codeberg.org/o/r/pulls/3",
    "https://codeberg.org/o/r/compare/main...dev",
  ])("%s is refused with the form to use", (address) => {
    expect(recognise(address, bases)).toContain("https://host/owner/repository#branch");
  });

  test.each(["https://github.com/o/r/pulls", "https://gitlab.com/a/b/-/merge_requests"])(
    "%s is the repository",
    (address) => expect(placesOf(address)).toMatchObject([{ ref: "HEAD" }]),
  );

  test.each([
    "",
    "   ",
    "nothing",
    "ftp://example.org/a",
    "file:///etc",
    "git://example.org/a",
    "ext::sh -c id",
    "-x",
    "--upload-pack=id",
    "https://me:hunter22@example.org/a",
    "me:hunter22@example.org:a",
    "https://glpat-hunter22@gitlab.com/a/b.git",
    "https://host.example/a?token=hunter22",
    "https://",
    "https://github.com/owner",
    "https://gitlab.com/",
    "codeberg.org/owner/",
  ])("%j is none, and the reason does not quote it", (address) => {
    const found = recognise(address, bases);
    expect(found).toBeTypeOf("string");
    expect(found).not.toContain("hunter22");
  });

  test("with a secret is refused without quoting the secret", () => {
    for (const address of ["https://me:hunter22@example.org/a", "https://glpat-hunter22@example.org/a"]) {
      const reason = `${recognise(address, bases)}.`;
      expect(reason).toContain("as a token");
      expect(redact(reason)).toBe(reason);
    }
  });
});

describe("any address", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/).filter((n) => n !== "registry");
  const folder = fc.array(name, { maxLength: 3 });
  const views = {
    github: (project: string, ref: string) => `https://github.com/${project}/tree/${ref}`,
    gitlab: (project: string, ref: string) => `https://gitlab.com/${project}/-/tree/${ref}`,
    gitea: (project: string, ref: string) => `https://codeberg.org/${project}/src/branch/${ref}`,
  };

  test("of a folder on a forge gives owner, repository, ref and folder in every form", () => {
    const forge = fc.constantFrom("github" as const, "gitlab" as const, "gitea" as const);
    const end = fc.constantFrom("", "/", "/registry.json", "?x=1", "#readme");
    fc.assert(
      fc.property(
        forge,
        name,
        name,
        name.filter((n) => n !== "refs"),
        folder,
        end,
        (provider, owner, repo, ref, segments, tail) => {
          const base = views[provider](`${owner}/${repo}`, ref);
          const [found] = placesOf([base, ...segments].join("/") + tail);
          const inside = segments.join("/");
          expect(found).toMatchObject({ provider, ref, ...(inside && { folder: inside }) });
          expect(found?.url?.endsWith(`/${owner}/${repo}`)).toBe(true);
        },
      ),
    );
  });

  test("gives few candidates with valid fields and never throws", () => {
    const piece = fc.oneof(
      name,
      fc.constantFrom(
        "https://",
        "github.com",
        "gitlab.com",
        "/",
        "//",
        "-",
        "..",
        ".git",
        "tree",
        "src",
        "branch",
        "@",
        ":",
        "?",
        "#",
        "%2f",
        "%",
        "ssh://",
        " ",
        "registry.json",
        "ext::",
        "\u0000",
        "ü",
      ),
    );
    const text = fc.oneof(
      fc.string(),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, (address) => {
        const found = recognise(address, bases);
        if (typeof found === "string") return;
        expect(found.length).toBeGreaterThan(0);
        expect(found.length).toBeLessThanOrEqual(8);
        for (const fields of found) {
          const source = sources.get(fields.provider);
          const known = ["name", "provider", ...source.fields, ...source.optional];
          expect(Object.keys(fields).filter((field) => !known.includes(field))).toEqual([]);
          expect(fields.name).not.toBe("");
        }
      }),
      { numRuns: 2000 },
    );
  });
});
