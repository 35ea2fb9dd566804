// Installs the Debian packages that tests need, if it can without a question.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const MINUTE = 60_000;
/** Without a network, the tests must not wait for one. */
const SHORT_TIMEOUTS = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=0"];

const program = (name) => () =>
  ["/bin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].some((folder) =>
    existsSync(`${folder}/${name}`),
  );

const perlModule = (module) => () =>
  spawnSync("perl", [`-M${module}`, "-e", "1"], { stdio: "ignore" }).status === 0;

const pythonModule = (module) => () =>
  spawnSync("python3", ["-c", `import ${module}`], { stdio: "ignore" }).status === 0;

/** Each package, how to see that it is installed, and the tests that are skipped without it. */
const packages = [
  { name: "openssh-server", isInstalled: program("sshd"), tests: "of git over ssh" },
  { name: "libmojolicious-perl", isInstalled: perlModule("Mojolicious"), tests: "of Perl plugins" },
  {
    name: "libdbd-sqlite3-perl",
    isInstalled: perlModule("DBD::SQLite"),
    tests: "of tag databases in SQLite",
  },
  { name: "bubblewrap", isInstalled: program("bwrap"), tests: "of the sandbox of Perl plugins" },
  { name: "redis-server", isInstalled: program("redis-server"), tests: "of the store in Redis" },
  { name: "fish", isInstalled: program("fish"), tests: "of completion in fish" },
  { name: "zsh", isInstalled: program("zsh"), tests: "of completion in zsh" },
  { name: "systemd", isInstalled: program("systemd-analyze"), tests: "of the systemd unit" },
  { name: "openssl", isInstalled: program("openssl"), tests: "of nginx's configuration" },
  { name: "nginx-light", isInstalled: program("nginx"), tests: "of nginx's configuration" },
  {
    name: "python3-cryptography",
    isInstalled: pythonModule("cryptography"),
    tests: "of signed heads in Python",
  },
  { name: "chromium", isInstalled: program("chromium"), tests: "of the page" },
  { name: "caddy", isInstalled: program("caddy"), tests: "of Caddy's configuration" },
  ...["proxy", "account", "container", "object"].map((part) => ({
    name: `swift-${part}`,
    isInstalled: program(`swift-${part}-server`),
    tests: "of artifacts in OpenStack Swift",
  })),
];

const run = (command, args) =>
  spawnSync(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: "ignore",
    timeout: 5 * MINUTE,
  }).status === 0;

const apt = (...args) => run("apt-get", ["-qq", ...SHORT_TIMEOUTS, ...args]);
const install = (names) => apt("install", "-y", "--no-install-recommends", ...names);
/** Older releases lack some of the packages, and apt installs none if one is unknown. */
const known = (names) => names.filter((name) => run("apt-cache", ["show", name]));

/**
 * Installs what is missing if this process is root on Debian, as in a container. Elsewhere the tests that need it are skipped,
 * or fail if CI is set.
 */
export const installTestPrograms = () => {
  const missing = packages.filter(({ isInstalled }) => !isInstalled());
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const names = missing.map(({ name }) => name);
  console.error(`Installing ${names.join(", ")} for the tests…`);
  if (!install(names) && apt("update")) install(known(names));
  for (const { name, isInstalled, tests } of missing) {
    if (!isInstalled())
      console.error(`hint: ${name} could not be installed; the tests ${tests} are skipped.`);
  }
};
