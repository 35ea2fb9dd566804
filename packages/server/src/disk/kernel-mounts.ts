import { readFile } from "node:fs/promises";
import { isMissing } from "./errno.ts";

/** File systems in which Linux shows processes, devices and its own state. */
const KERNEL_TYPES: ReadonlySet<string | undefined> = new Set([
  ...["proc", "sysfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "bpf", "binfmt_misc"],
  ...["debugfs", "tracefs", "securityfs", "configfs", "pstore", "efivarfs", "selinuxfs", "nsfs"],
]);

/** A path as mountinfo writes it: space, tab, newline and backslash are octal numbers. */
const unescapePath = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Where the kernel's own file systems are mounted on this machine (proc_pid_mountinfo(5)); none but on Linux. */
export const kernelMounts = async (): Promise<string[]> => {
  const text = await readFile("/proc/self/mountinfo", "utf8").catch((e: unknown) => {
    if (isMissing(e)) return "";
    throw e;
  });
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => KERNEL_TYPES.has(fields[fields.indexOf("-") + 1]))
    .map((fields) => unescapePath(fields[4] ?? ""));
};
