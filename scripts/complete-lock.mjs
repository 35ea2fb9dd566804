// A package registry that mirrors only some platforms makes npm leave the other platforms' binaries out of
// package-lock.json, and `npm ci` then refuses the lock. This adds what is missing, from the versions that each
// package asks for; the platform is read from the name. Run it after any change of the dependencies.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const OS = [
  "darwin",
  "linux",
  "win32",
  "freebsd",
  "openbsd",
  "netbsd",
  "android",
  "aix",
  "sunos",
  "openharmony",
];
const CPU = ["arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];

/** The lock entry of a platform's package, or undefined where the name tells no platform. */
const platformEntry = (name, range, dev) => {
  const os = OS.find((word) => name.includes(word));
  const cpu = CPU.find((word) => name.split("-").includes(word));
  if (!os || !cpu) return undefined;
  const libc = /musl/.test(name) ? ["musl"] : /glibc|gnu/.test(name) ? ["glibc"] : undefined;
  return {
    version: range.replace(/^[\^~]/, ""),
    cpu: [cpu],
    ...(dev && { dev: true }),
    optional: true,
    os: [os],
    ...(libc && { libc }),
  };
};

const file = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
let added = 0;
for (const { optionalDependencies = {}, dev } of Object.values({ ...lock.packages })) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    const entry = lock.packages[key] ? undefined : platformEntry(name, range, dev);
    if (!entry) continue;
    lock.packages[key] = entry;
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added`);
