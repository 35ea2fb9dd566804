import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { CallRequest } from "../../../src/runtimes/types.ts";
import { httpServer } from "../../support/http-server.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { realBroker, scopeOf } from "../broker/fixture.ts";
import { codeOf, request } from "../runtime-contract.ts";
import { noBubblewrap, noPerl, openPerl, perlScript, perlText } from "./fixture.ts";

const metadata = (body: string) =>
  codeOf(
    perlText("", {
      type: "metadata",
      top: "use LANraragi::Utils::Archive qw(is_file_in_archive extract_file_from_archive get_filelist);",
      subs: `sub get_tags { my ($class, $info, $params) = @_; ${body} }`,
    }),
    "Probe.pm",
  );

/** A call on an archive whose file lies in a folder of its own, beside another one. */
const onArchive = async (): Promise<{ file: string; call: CallRequest }> => {
  const folder = await tempFolder();
  const file = path.join(folder, "あ archive.cbz");
  await writeFile(file, "the archive");
  await writeFile(path.join(folder, "another.cbz"), "not for this call");
  const archive = {
    id: "a".repeat(40),
    title: "t",
    tags: [],
    summary: "",
    filename: "あ archive.cbz",
    size: 11,
  };
  const call = request({
    entry: "getTags",
    context: { arg: "", settings: {}, archive },
    archiveFile: async () => file,
  });
  return { file, call };
};

const readsItsFile = `
  open my $in, '<', $info->{file_path} or die $!; local $/; my $text = <$in>;
  return (title => $text);`;

describe.skipIf(noPerl)(`perl without bubblewrap${noPerl ? `, skipped: ${noPerl}` : ""}`, () => {
  test("says that it is not confined, and why", async () => {
    const runtime = openPerl({ bwrap: null });
    expect(await runtime.confinement()).toEqual({
      files: "unconfined",
      network: "unconfined",
      walls: expect.not.arrayContaining(["bubblewrap"]),
      reason: "bubblewrap is not installed; on Debian: apt-get install bubblewrap",
    });
  });

  test("reports it too if bubblewrap is installed and does not work", async () => {
    const folder = await tempFolder();
    const bwrap = path.join(folder, "bwrap");
    await writeFile(bwrap, "#!/bin/sh\necho 'bwrap: No permission to make a namespace' >&2\nexit 1\n", {
      mode: 0o755,
    });
    const runtime = openPerl({ bwrap });
    expect(await runtime.confinement()).toMatchObject({
      files: "unconfined",
      reason: "bubblewrap does not work on this machine: No permission to make a namespace",
    });
    expect(await runtime.call(perlScript("return (a => 1);"), request())).toEqual({ a: 1 });
  });

  test("reports that perl or Mojolicious is missing", async () => {
    const folder = await tempFolder();
    expect(await openPerl({ perl: path.join(folder, "perl") }).unavailable()).toMatch(
      /^perl is not installed/,
    );
    const bare = path.join(folder, "bare-perl");
    await writeFile(bare, "#!/bin/sh\nexec perl -e 'no lib @INC; @INC = (); require Mojo::Base'\n", {
      mode: 0o755,
    });
    const runtime = openPerl({ perl: bare });
    expect(await runtime.unavailable()).toBe(
      "perl lacks the module Mojo::Base; on Debian: apt-get install libmojolicious-perl",
    );
    const call = runtime.call(perlScript("return (a => 1);"), request());
    await expect(call).rejects.toMatchObject({ code: "RUNTIME_UNAVAILABLE" });
  });

  test("gives a plugin the archive's file, and a folder that is gone after the call", async () => {
    const { call } = await onArchive();
    const runtime = openPerl({ bwrap: null });
    expect(await runtime.call(metadata(readsItsFile), call)).toEqual({ title: "the archive" });
    const folder = perlScript(`
      open my $out, '>', "$info->{tempdir}/x" or die $!; print {$out} "x"; close $out;
      return (tempdir => $info->{tempdir}, size => -s "$info->{tempdir}/x");`);
    const { tempdir, size } = (await runtime.call(folder, request())) as { tempdir: string; size: number };
    expect(size).toBe(1);
    await expect(stat(tempdir)).rejects.toThrow(/ENOENT/);
  });
});

describe.skipIf(noBubblewrap)(`perl in bubblewrap${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`, () => {
  test("says that its files are confined, and that its requests go through the broker", async () => {
    expect(await openPerl().confinement()).toMatchObject({
      files: "confined",
      network: "broker",
      walls: expect.arrayContaining(["bubblewrap"]),
    });
  });

  test("sees perl, the harness, its folder and nothing else", async () => {
    const seen = (await openPerl().call(
      perlScript(`
        my $list = sub { opendir my $dir, $_[0] or return "none"; [sort grep { !/^\\.\\.?$/ } readdir $dir] };
        return (root => $list->("/"), etc => $list->("/etc"), usr => $list->("/usr/bin"), home => $list->("/home"),
          tmp => $list->("/tmp"), archives => $list->("/archives"), processes => scalar(grep {/^\\d+$/} @{$list->("/proc")}),
          environment => [sort keys %ENV]);`),
      request(),
    )) as Record<string, string[]>;
    expect(seen.root).not.toEqual(expect.arrayContaining(["home"]));
    expect(seen.usr).toEqual(["perl"]);
    expect(seen.home).toBe("none");
    expect(seen.tmp).toEqual(["1"]);
    expect(seen.archives).toEqual([]);
    expect(seen.etc).not.toContain("passwd");
    // Bubblewrap's first process, perl, and the forwarder of its requests.
    expect(seen.processes).toBe(3);
    const proxy = ["HTTPS_PROXY", "HTTP_PROXY", "MOJO_PROXY", "PERL_LWP_ENV_PROXY", "SSL_CERT_FILE"];
    expect(seen.environment).toEqual(
      ["HOME", "LC_ALL", "PATH", "PWD", "TMPDIR", ...proxy, "http_proxy", "https_proxy"].sort(),
    );
  });

  test("can read this server's folders neither by path nor through /proc", async () => {
    const secret = path.join(await tempFolder(), "secret");
    await writeFile(secret, "secret");
    const body = `
      my @found = grep { open my $in, '<', $_ } $info->{oneshot_param}, map { "/proc/$_/root$info->{oneshot_param}" } 1, 2, $$, getppid;
      return (found => \\@found);`;
    const context = { arg: secret, settings: {} };
    expect(await openPerl().call(perlScript(body), request({ context }))).toEqual({ found: [] });
  });

  test("reads the archive of the call and no other, can write to neither, and it is gone afterwards", async () => {
    const { file, call } = await onArchive();
    const runtime = openPerl({ workFolder: path.dirname(path.dirname(file)) });
    expect(await runtime.call(metadata(readsItsFile), call)).toEqual({ title: "the archive" });
    const writes = metadata(`
      my ($folder) = $info->{file_path} =~ m{(.*)/};
      opendir my $dir, $folder or die $!;
      my @there = grep { !/^\\./ } readdir $dir;
      my $out;
      my $written = open($out, '>>', $info->{file_path}) || open($out, '>', "$folder/new") || chmod(0777, $info->{file_path})
        || unlink $info->{file_path};
      return (title => $written ? "written" : "kept", summary => "@there");`);
    expect(await runtime.call(writes, call)).toEqual({ title: "kept", summary: "あ archive.cbz" });
    expect(await readFile(file, "utf8")).toBe("the archive");
    await vi.waitFor(async () => expect((await stat(file)).nlink).toBe(1));
  });

  test("shows a copy where the archive is on another disk", async () => {
    const { call } = await onArchive();
    const elsewhere = request({ ...call, archiveFile: async () => "/proc/version" });
    expect(
      await openPerl().call(metadata("return (title => -e $info->{file_path} ? 'there' : '');"), elsewhere),
    ).toEqual({
      title: "there",
    });
  });

  test("makes its requests through the network of its call, and has none without it", async () => {
    const { broker } = await realBroker();
    const site = await httpServer((_, response) => response.end("from the site"));
    const scope = scopeOf({ net: [new URL(site).host] }, { directNetwork: true });
    const context = { arg: site, settings: {} };
    const body = `my $res = $info->{user_agent}->get($info->{oneshot_param})->result; return (body => $res->body);`;
    const runtime = openPerl();
    const network = broker.openNetwork(scope);
    expect(await runtime.call(perlScript(body), request({ context, network }))).toEqual({
      body: "from the site",
    });
    await expect(runtime.call(perlScript(body), request({ context }))).rejects.toThrow(/connection close/);
  });

  test("leaves nothing on disk and no process", async () => {
    const workFolder = await tempFolder();
    const runtime = openPerl({ workFolder });
    await runtime.call(perlScript(`open my $x, '>', "/tmp/kept" or die $!; return (a => 1);`), request());
    expect(await readdir(workFolder)).toHaveLength(1);
    await runtime.stop();
    expect(await readdir(workFolder)).toEqual([]);
  });
});

describe.skipIf(noPerl)("a file that a download plugin supplies", () => {
  const download = (body: string) =>
    codeOf(
      perlText("", {
        type: "download",
        info: 'url_regex => ".*",',
        subs: `sub provide_url { my ($class, $info) = @_; ${body} }`,
      }),
      "Probe.pm",
    );

  const asked = (takeFile?: CallRequest["takeFile"]) =>
    request({
      entry: "provideUrl",
      context: { arg: "", settings: {}, url: "x:" },
      ...(takeFile && { takeFile }),
    });

  const making = `
    my $file = "$info->{tempdir}/made.cbz"; open my $out, '>', $file or die $!; print {$out} "made"; close $out;`;

  const modes = noBubblewrap ? [null] : [null, undefined];

  test.each(modes)("is handed over with and without bubblewrap (%s)", async (bwrap) => {
    const runtime = openPerl({ ...(bwrap === null && { bwrap }) });
    const taken: string[] = [];
    const take = async (file: string) => {
      taken.push(path.basename(file), await readFile(file, "utf8"));
    };
    const made = download(`${making} return (file_path => $file);`);
    await runtime.call(made, asked(take));
    await runtime.call(made, asked(take));
    expect(taken).toEqual(["made.cbz", "made", "made.cbz", "made"]);
  });

  test.each([
    ["lies elsewhere", 'return (file_path => "/etc/hostname");'],
    [
      "lies elsewhere by its name",
      'return (file_path => "$info->{tempdir}/../../../../../../etc/hostname");',
    ],
    [
      "is a link",
      `symlink "/etc/hostname", "$info->{tempdir}/l"; return (file_path => "$info->{tempdir}/l");`,
    ],
    [
      "is behind a link",
      `symlink "/etc", "$info->{tempdir}/d"; return (file_path => "$info->{tempdir}/d/hostname");`,
    ],
    ["is a folder", `mkdir "$info->{tempdir}/d"; return (file_path => "$info->{tempdir}/d");`],
    ["is not there", `return (file_path => "$info->{tempdir}/none");`],
  ])("is not taken where it %s", async (_, body) => {
    const take = vi.fn(async () => {});
    const call = openPerl().call(download(body), asked(take));
    await expect(call).rejects.toThrow(/gave a file that is not in its temporary folder/);
    expect(take).not.toHaveBeenCalled();
  });

  test("is refused where nothing is downloaded", async () => {
    const call = openPerl().call(download(`${making} return (file_path => $file);`), asked());
    await expect(call).rejects.toThrow(/supplies the file itself and no address/);
  });
});
