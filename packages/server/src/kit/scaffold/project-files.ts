import { descriptionOf, displayName, type NewPlugin } from "./plugin-source.ts";

/** The number of the newest form of a scaffold; see migrations.ts. */
export const SCAFFOLD_VERSION = 3;

/** Where the SDK lies in a scaffold. */
export const SDK_FOLDER = "vendor/hitagi-sdk";

/** Runs the tests beside the plugin. Without names, Node also runs files of other folders, such as `samples/`. */
export const TEST_SCRIPT = "node --test *.test.mjs";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const tsconfig = (): string =>
  json({
    compilerOptions: {
      target: "es2023",
      lib: ["es2023", "dom", "dom.iterable"],
      module: "preserve",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      types: [],
      paths: { "@hitagi/sdk": [`./${SDK_FOLDER}/src/index.ts`] },
    },
    include: ["*.ts"],
    exclude: ["**/*.test.ts"],
  });

export const packageJson = ({ namespace, type }: NewPlugin): string => {
  const source = `${namespace}.ts`;
  const archive = type === "metadata" ? " --archive samples/comic.cbz" : "";
  return json({
    name: namespace,
    version: "1.0.0",
    private: true,
    type: "module",
    scripts: {
      dev: `hitagi dev ${source}${archive}`,
      test: TEST_SCRIPT,
      check: `hitagi check ${source}`,
      pack: `hitagi pack ${source} --out dist/${namespace}.js`,
    },
    devDependencies: { "@hitagi/sdk": `file:./${SDK_FOLDER}`, typescript: "^5.9.0" },
    hitagi: { scaffold: SCAFFOLD_VERSION },
  });
};

export const gitignore = (): string => "node_modules/\ndist/\nrecordings/*.last.json\n";

export const readme = (plugin: NewPlugin): string => {
  const { namespace, type, net } = plugin;
  return `# ${displayName(namespace)}

${descriptionOf(plugin)}

A ${type} plugin for Hitagi. ${net.length > 0 ? `It asks for these hosts: ${net.join(", ")}.` : "It asks for no rights."}

## Working on it

\`\`\`sh
npm run dev     # runs it at each save, and shows what changed
npm test        # runs the tests in the sandbox, with recorded answers
npm run check   # says what to mend before you publish it
npm run pack    # makes one file of it, for a registry
\`\`\`

\`recordings/${namespace}.json\` has the answers of sites. \`hitagi dev ${namespace}.ts --live\` records them anew. \`npm install\` adds the compiler, so that types are checked.
`;
};
