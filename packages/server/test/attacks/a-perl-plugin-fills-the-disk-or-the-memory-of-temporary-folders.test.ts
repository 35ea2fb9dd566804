import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openApp } from "../perl/world.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MB = 1024 * 1024;

/** Writes files of 4 MB into a folder until it fails, then dies of it or goes on. */
const fill = (folder: string, end: string) => `
  my $written = 0;
  for my $n (1 .. 200) {
    open my $out, '>:raw', "${folder}/f$n" or last;
    my $put = syswrite $out, "x" x (4 * 1024 * 1024);
    last unless defined $put;
    $written += $put;
    last if $put < 4 * 1024 * 1024;
  }
  ${end}`;

const dies =
  'open my $out, ">", "$info->{tempdir}/more" or die "no more: $!\\n"; print {$out} "x" x 100_000; close $out or die "no more: $!\\n";';

/** The size of an archive of 20 MB that a download plugin supplies. @param perlFolder HITAGI_PERL_FOLDER */
const downloadWith = async (perlFolder: string): Promise<number> => {
  const { install, plugins, library } = await openApp({ perlFolder });
  await install({
    namespace: "maker",
    type: "download",
    stem: "Maker",
    top: "use IO::Compress::Zip qw(:all);",
    info: 'url_regex => "https://a.example/.*",',
    sub: `sub provide_url {
      my ($class, $info) = @_;
      my ($page, $file) = ("x" x 20_000_000, "$info->{tempdir}/made.cbz");
      zip(\\$page => $file, Name => "page.jpg", Method => ZIP_CM_STORE) or die "$ZipError\\n";
      return (file_path => $file) }`,
  });
  const { id } = await plugins.download("https://a.example/1");
  return (await library.get(id)).size;
};

describe.skipIf(noBubblewrap)(
  `a Perl plugin that writes without end${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test("fills the folder of its call and no more, and its call fails with the setting's name", async () => {
      const workFolder = await tempFolder();
      const runtime = openPerl({ folderMb: 32, workFolder });
      const failed = runtime.call(perlScript(fill("$info->{tempdir}", dies)), request());
      await expect(failed).rejects.toMatchObject({
        code: "PLUGIN_FOLDER_FULL",
        hint: expect.stringContaining("HITAGI_PERL_FOLDER"),
      });
      const counts = perlScript(fill("$info->{tempdir}", "return (written => $written);"));
      const { written } = (await runtime.call(counts, request())) as { written: number };
      expect(written).toBeGreaterThan(24 * MB);
      expect(written).toBeLessThanOrEqual(32 * MB);
      // The folder is empty again for the next call, and nothing of it was on the disk.
      expect(await runtime.call(counts, request())).toEqual({ written });
      expect(await readdir(workFolder)).toHaveLength(1);
      expect(runtime.stats().crashes).toBe(0);
    });

    test("has 256 MB if its owner sets nothing", async () => {
      const { install, run } = await openApp();
      const sub = `sub run_script { my ($class, $info) = @_; ${fill("$info->{tempdir}", "return (written => $written);")} }`;
      await install({ namespace: "filler", type: "script", stem: "Filler", sub });
      const { written } = (await run("filler")) as { written: number };
      expect(written).toBeGreaterThan(250 * MB);
      expect(written).toBeLessThanOrEqual(256 * MB);
    });

    test("fails a download of 20 MB with a folder of 16 MB, and a larger HITAGI_PERL_FOLDER lets it through", async () => {
      await expect(downloadWith("16")).rejects.toMatchObject({
        code: "PLUGIN_FOLDER_FULL",
        message: expect.stringMatching(/^The plugin filled its temporary folder: /),
        hint: expect.stringContaining("HITAGI_PERL_FOLDER"),
      });
      expect(await downloadWith("64")).toBeGreaterThan(20_000_000);
    });

    test("reserves space without writing, which counts too", async () => {
      const body = `
      open my $out, '>:raw', "$info->{tempdir}/x" or die $!;
      my $number = { x86_64 => 285, aarch64 => 47 }->{(POSIX::uname())[4]} // return (reserved => 0);
      my $done = syscall $number, fileno $out, 0, 0, 400 * 1024 * 1024;
      return (reserved => $done == 0 ? 1 : 0);`;
      const runtime = openPerl({ folderMb: 32 });
      expect(await runtime.call(perlScript(body, { top: "use POSIX ();" }), request())).toEqual({
        reserved: 0,
      });
    });

    test("finds no other place to write to", async () => {
      const body = `
      my @places = ("/", "/dev", "/dev/shm", "/host", "/hitagi", "/archives", "/proc", "/run", "/var/tmp", "/usr", "/etc", "/etc/ssl/certs");
      my @written = grep { open my $out, '>', "$_/probe" } @places;
      return (written => \\@written);`;
      expect(await openPerl().call(perlScript(body), request())).toEqual({ written: [] });
    });

    test("makes empty files without end, and its process ends", async () => {
      const runtime = openPerl({ folderMb: 32 });
      const body = 'for my $n (1 .. 2_000_000) { open my $out, ">", "$info->{tempdir}/$n" or die $! }';
      const call = runtime.call(perlScript(body), request());
      await expect(call).rejects.toThrow(/its temporary folder held more than 16384 files/);
    });

    test("an honest plugin writes, reads and removes files in its folder", async () => {
      const body = `
      for (1 .. 20) {
        open my $out, '>:raw', "$info->{tempdir}/x" or die $!; print {$out} "x" x (4 * 1024 * 1024); close $out or die $!;
        unlink "$info->{tempdir}/x" or die $!;
      }
      return (done => 1);`;
      expect(await openPerl({ folderMb: 32 }).call(perlScript(body), request())).toEqual({ done: 1 });
    });
  },
);
