import { execFileSync } from "node:child_process";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createPerlRuntime, type PerlRuntimeOptions } from "../../../src/runtimes/perl/perl.ts";
import type { PluginCode, Runtime } from "../../../src/runtimes/types.ts";
import { codeOf } from "../runtime-contract.ts";

const runs = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: "ignore", timeout: 150_000 });
    return true;
  } catch {
    return false;
  }
};

const demanded = Boolean(process.env.CI);

/** Why Perl plugins cannot be tested here; undefined where they can, and where nothing may be left out. */
export const noPerl: string | undefined =
  demanded || runs("perl", "-MMojolicious", "-e", "1")
    ? undefined
    : "perl with libmojolicious-perl is not installed";

/** The same for bubblewrap, which also the kernel may refuse. */
export const noBubblewrap: string | undefined =
  noPerl ??
  (runs("bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true")
    ? undefined
    : "bubblewrap is not installed or not allowed here");

/** Whether perl's driver for SQLite is missing, which a server does not need. */
export const noSqlite = noPerl !== undefined || !runs("perl", "-MDBD::SQLite", "-e", "1");

export const unstopped = (options: Partial<PerlRuntimeOptions> = {}): Runtime =>
  createPerlRuntime({ log: pino({ level: "silent" }), ...options });

/** A real runtime, stopped when the test ends. */
export const openPerl = (options: Partial<PerlRuntimeOptions> = {}): Runtime => {
  const runtime = unstopped(options);
  onTestFinished(() => runtime.stop());
  return runtime;
};

export interface Script {
  /** What stands before plugin_info. */
  top?: string;
  /** More of plugin_info, with a comma behind. */
  info?: string;
  /** The rest of the file in place of a run_script with the body. */
  subs?: string;
  version?: string;
  type?: string;
}

/** The text of a plugin. @param body of its run_script, in which `$info` and `$params` are there */
export const perlText = (
  body: string,
  { top = "", info = "", version = "1.0.0", ...more }: Script = {},
): string => `
package LANraragi::Plugin::Managed::Scripts::Probe;
use strict;
use warnings;
use utf8;
${top}
sub plugin_info {
  return (name => "Probe", type => "${more.type ?? "script"}", namespace => "probe", author => "me",
    version => "${version}", description => "Probes", ${info});
}
${more.subs ?? `sub run_script {\n  my ($class, $info, $params) = @_;\n  ${body}\n}`}
1;
`;

/** The same as code. */
export const perlScript = (body: string, script: Script = {}): PluginCode =>
  codeOf(perlText(body, script), "Probe.pm");
