// Installs programs that tests talk to, where that is possible without asking.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
const MINUTES = 60_000;

/**
 * The ssh daemon, for registries over ssh: installed in a container or a continuous run, where this is root beside apt-get. On
 * a machine of somebody's own those tests are skipped instead, unless CI is set.
 */
export const installSshd = () => {
  if (SSHD.some((file) => existsSync(file)) || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return;
  console.error("Installing openssh-server for the tests…");
  const apt = (...args) =>
    spawnSync("apt-get", ["-qq", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: "ignore",
      timeout: 3 * MINUTES,
    }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", "openssh-server");
  if (install() || (apt("update") && install())) return;
  console.error("hint: it could not be installed; the tests over ssh are skipped.");
};
