// Installs programs that tests talk to, where that is possible without asking.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const MINUTE = 60_000;
/** Where nothing can be fetched, the tests must not wait for it. */
const IMPATIENT = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=0"];

const anyOf =
  (...files) =>
  () =>
    files.some((file) => existsSync(file));

const perlHas = (module) => () =>
  spawnSync("perl", [`-M${module}`, "-e", "1"], { stdio: "ignore" }).status === 0;

/** Debian's packages, with what tells that each is there, and which tests are skipped without it. */
const packages = [
  {
    name: "openssh-server",
    isThere: anyOf("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"),
    tests: "over ssh",
  },
  { name: "libmojolicious-perl", isThere: perlHas("Mojolicious"), tests: "of Perl plugins" },
  {
    name: "bubblewrap",
    isThere: anyOf("/usr/bin/bwrap", "/usr/local/bin/bwrap"),
    tests: "of what confines Perl plugins",
  },
  {
    name: "redis-server",
    isThere: anyOf("/usr/bin/redis-server", "/usr/local/bin/redis-server"),
    tests: "of the store in Redis",
  },
];

const apt = (...args) =>
  spawnSync("apt-get", ["-qq", ...IMPATIENT, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: "ignore",
    timeout: 2 * MINUTE,
  }).status === 0;

/**
 * Installs what is missing in a container or a continuous run, where this is root beside apt-get. On a machine of somebody's
 * own the tests that need it are skipped instead, unless CI is set.
 */
export const installTestPrograms = () => {
  const missing = packages.filter(({ isThere }) => !isThere());
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const names = missing.map(({ name }) => name);
  console.error(`Installing ${names.join(", ")} for the tests…`);
  const install = () => apt("install", "-y", "--no-install-recommends", ...names);
  if (install() || (apt("update") && install())) return;
  for (const { name, tests } of missing)
    console.error(`hint: ${name} could not be installed; the tests ${tests} are skipped.`);
};
