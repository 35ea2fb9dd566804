import { archiveBytes } from "@hitagi/sdk/testing";

/** A plugin for an example: files by name, of which `plugin.ts` is checked unless another is named. */
export interface Example {
  files: Record<string, string | Uint8Array>;
  checked?: string;
}

interface Parts {
  fields?: string;
  code?: string;
  before?: string;
}

/** A metadata plugin without faults, with some parts replaced. */
const plugin = ({ fields = "", code = "return { tags: [] };", before = "" }: Parts = {}): Example => ({
  files: {
    "plugin.ts": `${before}
export default {
  namespace: "example",
  type: "metadata",
  name: "Example",
  version: "1.0.0",
  author: "me",
  description: "Is an example of a plugin.",
  ${fields}
  async getTags(ctx) {
    ${code}
  },
};
`,
  },
});

const download = (pattern: string): Example => ({
  files: {
    "plugin.ts": `export default {
  namespace: "example", type: "download", name: "Example", version: "1.0.0", author: "me",
  description: "Is an example of a plugin.",
  url_regex: ${JSON.stringify(pattern)},
  provideUrl: ({ url }) => ({ downloadUrl: url }),
};
`,
  },
});

const NET = 'permissions: { net: ["api.example.org"] },';
const asks = (code: string): Example =>
  plugin({ fields: NET, code: `const response = await fetch("https://api.example.org/"); ${code}` });
const CHECKED = 'if (!response.ok) throw new Error("The site answered " + response.status);';

/** A plugin with a sample and the good answer of its site, after which it runs some code. */
export const sampled = (code: string): Example => ({
  files: {
    "plugin.ts":
      plugin({
        fields: NET,
        code: `const response = await fetch("https://api.example.org/" + ctx.archive.title);
    if (!response.ok) throw new Error("The site answered " + response.status);
    const answer = await response.json();
    ${code}
    return { tags: [answer.tag] };`,
      }).files["plugin.ts"] ?? "",
    "samples/comic.cbz": archiveBytes({ pages: 1 }),
    "recordings/plugin.json": JSON.stringify({
      version: 1,
      exchanges: [
        {
          method: "GET",
          url: "https://api.example.org/comic",
          status: 200,
          headers: { "content-type": "application/json" },
          body: { json: { tag: "artist:someone" } },
        },
      ],
    }),
  },
});

/** A script or download plugin with the good answer of its site, and what its author gave it. */
export const recorded = (type: "script" | "download", code: string, inputs: object[]): Example => ({
  files: {
    "plugin.ts": `export default {
  namespace: "example", type: "${type}", name: "Example", version: "1.0.0", author: "me",
  description: "Is an example of a plugin.",
  ${NET}
  ${type === "download" ? 'url_regex: "^https://api\\\\.example\\\\.org/works/[a-z]+$",' : ""}
  async ${type === "script" ? "run" : "provideUrl"}({ arg, url }) {
    const response = await fetch(url ?? "https://api.example.org/works/" + arg);
    if (!response.ok) throw new Error("The site answered " + response.status);
    const answer = await response.json();
    ${code}
    return { downloadUrl: answer.file };
  },
};
`,
    "recordings/plugin.json": JSON.stringify({
      version: 1,
      inputs,
      exchanges: [
        {
          method: "GET",
          url: "https://api.example.org/works/snail",
          status: 200,
          headers: { "content-type": "application/json" },
          body: { json: { file: "https://api.example.org/files/snail.cbz" } },
        },
      ],
    }),
  },
});

/** What has the fault of each rule, and what does nearly the same without it. */
export const examples: Record<string, { good: Example; bad: Example }> = {
  "file-name": {
    good: { files: { "a_b-1.ts": plugin().files["plugin.ts"] ?? "" }, checked: "a_b-1.ts" },
    bad: { files: { "my plugin.ts": plugin().files["plugin.ts"] ?? "" }, checked: "my plugin.ts" },
  },
  bundle: {
    good: {
      files: {
        ...plugin({ before: 'import { one } from "./one.ts";', code: "return { tags: [one] };" }).files,
        "one.ts": 'export const one: string = "one";',
      },
    },
    bad: plugin({ before: 'import { one } from "./none.ts";', code: "return { tags: [one] };" }),
  },
  load: {
    good: plugin({
      before: "const table = new Map([[1, 2]]);",
      code: "return { tags: [String(table.size)] };",
    }),
    bad: plugin({ before: 'throw new Error("too early");' }),
  },
  manifest: {
    good: plugin({ fields: "cooldown: 2," }),
    bad: plugin({ fields: 'cooldown: "2",' }),
  },
  size: {
    good: plugin({ code: 'return { tags: ["xxx"] };' }),
    bad: plugin({
      before: `const text = ${JSON.stringify("x".repeat(1_100_000))};`,
      code: "return { tags: [text.slice(0, 1)] };",
    }),
  },
  "secret-in-source": {
    good: plugin({ before: 'const token = "the-name-of-a-setting";', code: "return { tags: [token] };" }),
    bad: plugin({ before: `const key = "${"AKIA"}${"IOSFODNN7EXAMPLE"}";`, code: "return { tags: [key] };" }),
  },
  "secret-setting": {
    good: plugin({ fields: 'parameters: { api_token: { type: "secret", desc: "Access token" } },' }),
    bad: plugin({ fields: 'parameters: { api_token: { type: "string", desc: "Access token" } },' }),
  },
  "missing-right": {
    good: asks(`${CHECKED} return { tags: [] };`),
    bad: plugin({ code: 'await fetch("https://api.example.org/"); return { tags: [] };' }),
  },
  "broad-host": {
    good: plugin({
      fields: 'permissions: { net: ["*.example.org"] },',
      code: 'await fetch("https://a.example.org/").catch(() => {}); return {};',
    }),
    bad: plugin({
      fields: 'permissions: { net: ["*.co.uk"] },',
      code: 'await fetch("https://a.co.uk/").catch(() => {}); return {};',
    }),
  },
  "url-regex": {
    good: download("^https://example\\.org/g/\\d+$"),
    bad: download("^https://(?=e)example\\.org/(a+)+$"),
  },
  hangs: {
    good: plugin({ code: "for (let i = 0; i < 1e6; i++); return { tags: [] };" }),
    bad: plugin({ code: "for (;;);" }),
  },
  "unhandled-error": {
    good: plugin({
      code: 'const [first] = await ctx.archive.entries(); if (!first) throw new Error("The archive is empty."); return { tags: [first.name.slice(0, 3)] };',
    }),
    bad: plugin({
      code: "const [first] = await ctx.archive.entries(); return { tags: [first.name.slice(0, 3)] };",
    }),
  },
  "failed-sample": {
    good: sampled(CHECKED),
    bad: sampled('throw new Error("The site answered something else.");'),
  },
  "wrong-result": {
    good: plugin({ code: 'throw new Error("The site returned nothing.");' }),
    bad: plugin({ code: "return { tags: [1] };" }),
  },
  "silent-refusal": {
    good: asks(`${CHECKED} return { tags: [] };`),
    bad: asks('return { tags: response.ok ? ["a"] : [] };'),
  },
  "many-requests": {
    good: asks(`${CHECKED} return { tags: [] };`),
    bad: plugin({
      fields: NET,
      code: 'for (let i = 0; i < 40; i++) await fetch("https://api.example.org/").catch(() => {}); return {};',
    }),
  },
  "unused-right": {
    good: plugin({
      fields: 'permissions: { library: "read" },',
      code: "await ctx.library.search(ctx.archive.title); return {};",
    }),
    bad: plugin({ fields: 'permissions: { library: "read" },' }),
  },
  description: {
    good: plugin({ fields: 'parameters: { language: { type: "string", desc: "Language of the titles" } },' }),
    bad: plugin({ fields: 'parameters: { language: { type: "string" } },' }),
  },
  licence: {
    good: withPackage('"MIT"'),
    bad: withPackage('"UNLICENSED"'),
  },
  types: {
    good: withTypes("const n: number = 1;"),
    bad: withTypes('const n: number = "1";'),
  },
};

function withPackage(licence: string): Example {
  return {
    files: {
      ...plugin({ before: 'import { one } from "some-package";', code: "return { tags: [one] };" }).files,
      "node_modules/some-package/package.json": `{ "name": "some-package", "version": "1.0.0", "type": "module", "exports": "./index.js", "license": ${licence} }`,
      "node_modules/some-package/index.js": 'export const one = "one";',
    },
  };
}

function withTypes(line: string): Example {
  return {
    files: {
      "plugin.ts": `${line}
export default {
  namespace: "example", type: "script", name: "Example", version: "1.0.0", author: "me",
  description: "Is an example of a plugin.",
  run: () => n,
};
`,
      "tsconfig.json":
        '{ "compilerOptions": { "target": "es2023", "lib": ["es2023"], "module": "preserve", "strict": true, "noEmit": true, "types": [] }, "include": ["*.ts"] }',
    },
  };
}
