import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Client, createClient } from "@hitagi/contract";
import { type Browser, chromium, type Page } from "playwright-core";
import { onFileFinished } from "../../../server/test/support/file-scope.ts";

const root = path.resolve(import.meta.dirname, "../../../..");
const program = path.join(root, "packages/server/dist/hitagi.js");
const CHROMIUM = process.env.TEST_CHROMIUM ?? "/usr/bin/chromium";

/** Whether the tests of the page are skipped. In CI a missing browser is a failure. */
export const withoutChromium = !existsSync(CHROMIUM) && !process.env.CI;

export const KEY = "the-key-of-a-page-test";

/** The built server in a process of its own, as an owner starts it. */
export interface PageServer {
  readonly address: string;
  readonly client: Client;
  readonly library: string;
  /** Its data folder. */
  readonly data: string;
  kill(): Promise<void>;
  /** Starts it again on the same address and data. */
  again(): Promise<void>;
}

const start = async (data: string, port: string, env: Record<string, string>) => {
  const child = spawn(process.execPath, [program, "serve"], {
    cwd: data,
    env: {
      PATH: process.env.PATH ?? "",
      TMPDIR: tmpdir(),
      HITAGI_DATA: data,
      HITAGI_PORT: port,
      HITAGI_API_KEY: KEY,
      HITAGI_WARM: "0",
      HITAGI_SETTLE: "0",
      HITAGI_LOG: "warn",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const [, found] = /listens on (http:\S+)/.exec(said) ?? [];
      if (found) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`hitagi serve ended with ${code}: ${said}`)));
  });
  return { child, address };
};

/** Starts a server on a new folder, which goes when the tests of the file have ended. @param env further settings */
export const openPageServer = async (env: Record<string, string> = {}): Promise<PageServer> => {
  const data = await mkdtemp(path.join(tmpdir(), "hitagi-page-"));
  const library = path.join(data, "library");
  await mkdir(library);
  let running = await start(data, "0", env);
  const { address } = running;
  const kill = async () => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    running.child.kill("SIGKILL");
    await once(running.child, "exit");
  };
  onFileFinished(async () => {
    await kill();
    await rm(data, { recursive: true, force: true });
  });
  return {
    address,
    client: createClient(address, KEY),
    library,
    data,
    kill,
    again: async () => {
      running = await start(data, new URL(address).port, env);
    },
  };
};

let shared: Promise<Browser> | undefined;

/** The one browser of a file's tests. */
export const openBrowser = (): Promise<Browser> => {
  shared ??= chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const opened = shared;
  onFileFinished(async () => {
    shared = undefined;
    await (await opened).close();
  });
  return opened;
};

export interface Looks {
  width?: number;
  scheme?: "light" | "dark";
  language?: string;
  /** Whether it is used with a finger. */
  touch?: boolean;
}

/** What went wrong in a page: errors of scripts, refused contents, and requests that failed. */
export const troublesOf = (page: Page): string[] => {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  return troubles;
};

const newContext = async ({ width = 1280, scheme = "light", language = "en-GB", touch = false }: Looks) => {
  const browser = await openBrowser();
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    locale: language,
    reducedMotion: "reduce",
    hasTouch: touch,
  });
  context.setDefaultTimeout(90_000);
  return context;
};

/** A browser of its own at a server, which shows the sign-in. */
export const openPage = async (
  { address }: Pick<PageServer, "address">,
  looks: Looks = {},
): Promise<Page> => {
  const page = await (await newContext(looks)).newPage();
  await page.goto(address);
  return page;
};

export const signIn = async (page: Page, key: string = KEY): Promise<void> => {
  await page.locator("input[name=key]").fill(key);
  await page.locator("button[type=submit]").click();
  await page.locator("[data-page-title]").waitFor();
};

/** A browser of its own that is signed in, at a place of a server. The page is loaded once. */
export const openAt = async (
  { address }: Pick<PageServer, "address">,
  place: string,
  looks: Looks = {},
): Promise<Page> => {
  const context = await newContext(looks);
  const authorization = `Bearer ${Buffer.from(KEY).toString("base64")}`;
  const answer = await context.request.post(`${address}/api/session`, { headers: { authorization } });
  if (!answer.ok()) throw new Error(`The session was refused: ${await answer.text()}`);
  const page = await context.newPage();
  await page.goto(`${address}${place}`);
  await page.locator("[data-page-title]").waitFor();
  return page;
};

/** The address of the example registry, with what a registry needs to be added. */
export const addExampleRegistry = async ({ client }: Pick<PageServer, "client">): Promise<string> => {
  const { id } = await client.createRegistry({
    body: { name: "Example", provider: "local", path: path.join(root, "examples/registry") },
  });
  await client.refreshRegistry({ params: { id } });
  return id;
};

/** Installs a plugin and waits for its job. */
export const installPlugin = async (
  { client }: Pick<PageServer, "client">,
  namespace: string,
  registry: string,
  version?: string,
): Promise<void> => {
  const { job } = await client.installPlugin({
    body: { namespace: namespace as never, registry, ...(version && { version }) },
  });
  for await (const event of await client.streamEvents({ query: { kind: "job", after: "0" } })) {
    const { state } = await client.getJob({ params: { job } });
    if (state === "finished") return;
    if (state === "failed") throw new Error(`the install of ${namespace} failed: ${JSON.stringify(event)}`);
  }
};

const pictures = process.env.PICTURES;

/** Keeps a picture of the page in the folder that PICTURES names; without it, nothing. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  if (pictures === undefined) return;
  await mkdir(pictures, { recursive: true });
  await writeFile(path.join(pictures, `${name}.png`), await page.screenshot());
};
