// Tests the Dockerfile without a container engine: it runs each step in a temporary folder, in which it places the image's
// absolute paths. It prints for each step whether it ran. Run it in any folder: node deploy/try-dockerfile.mjs
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const checkout = path.resolve(import.meta.dirname, "..");
const image = mkdtempSync(path.join(tmpdir(), "hitagi-image-"));
const inImage = (place) => path.join(image, place);

/** Replaces the image's folders in a step. */
const moved = (text) =>
  text.replace(/(^|[\s=])\/(src|out|data)\b/g, (_, before, name) => `${before}${inImage(name)}`);

/** Steps that need a real image, with the reason. */
const untried = [
  [/^apt-get /, "an image's own packages"],
  [/chown /, "an image's own users"],
];

/** Whether .dockerignore excludes a file of a checkout. */
const isIgnored = (file) => /(?:^|\/)(?:\.git|node_modules|dist|coverage)$|^data$/.test(file);

const environment = { ...process.env, npm_config_prefix: inImage("usr"), npm_config_prefer_offline: "true" };
let folder = image;
let entrypoint = [];
let health = [];

const steps = {
  FROM: (text) => `a fresh ${text.split(" ")[0]}: this machine's Node ${process.versions.node} instead`,
  WORKDIR: (text) => {
    folder = inImage(text);
    mkdirSync(folder, { recursive: true });
  },
  COPY: (text) => {
    const [from, to] = text.split(" ").filter((word) => !word.startsWith("--"));
    if (text.startsWith("--from"))
      return existsSync(inImage(from)) ? undefined : Promise.reject(new Error("nothing to copy"));
    const filter = (file) => !isIgnored(path.relative(checkout, file));
    cpSync(path.join(checkout, from), path.resolve(folder, to), { recursive: true, filter });
  },
  RUN: (text) => {
    const reason = untried.find(([pattern]) => pattern.test(text))?.[1];
    if (reason) return reason;
    execFileSync("sh", ["-c", moved(text)], {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
  },
  ENV: (text) => {
    for (const pair of text.split(" ")) {
      const [name, value] = pair.split("=");
      environment[name] = moved(value);
    }
  },
  USER: () => "an image's own users",
  VOLUME: () => "a container's own disks",
  EXPOSE: () => "a container's own network",
  HEALTHCHECK: (text) => {
    health = JSON.parse(text.slice(text.indexOf("[")));
  },
  ENTRYPOINT: (text) => {
    entrypoint = JSON.parse(text).filter((word) => word !== "tini" && word !== "--");
  },
  CMD: (text) => {
    entrypoint.push(...JSON.parse(text));
  },
};

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return String(port);
};

/** Starts the image's command, runs its health check until it passes, and stops it. */
const tryContainer = async () => {
  const env = { ...environment, HITAGI_PORT: await freePort(), HITAGI_HOST: "127.0.0.1", HITAGI_LOG: "warn" };
  const [program, ...args] = entrypoint;
  const child = spawn(path.join(inImage("usr"), "bin", program), args, {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const [check, ...rest] = health;
  try {
    for (let tries = 0; ; tries++) {
      try {
        execFileSync(check === "node" ? process.execPath : check, rest, { env, stdio: "ignore" });
        break;
      } catch (error) {
        if (tries === 60 || child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`SIGTERM ended it with ${code}`);
};

try {
  const lines = readFileSync(path.join(import.meta.dirname, "Dockerfile"), "utf8").split("\n");
  for (const line of lines.filter((one) => one !== "" && !one.startsWith("#"))) {
    const at = line.indexOf(" ");
    const [name, text] = [line.slice(0, at), line.slice(at + 1)];
    if (!(name in steps)) throw new Error(`unknown step: ${name}`);
    const reason = await steps[name](text);
    console.log(
      `${reason === undefined ? "tried    " : "not tried"}  ${line.slice(0, 100)}${reason ? `\n           (${reason})` : ""}`,
    );
  }
  await tryContainer();
  console.log("tried      its command, its health check and SIGTERM (without tini)");
} finally {
  rmSync(image, { recursive: true, force: true });
}
