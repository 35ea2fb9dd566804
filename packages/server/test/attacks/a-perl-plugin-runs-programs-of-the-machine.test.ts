import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { CERTIFICATES, copyCertificates } from "../../src/runtimes/perl/certificates.ts";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";
import { tempFolder } from "../support/temp-folder.ts";

const block = (kind: string, text: string) => `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`;

test("a private key in the bundle of certificates, or beside it, is not copied for a plugin", async () => {
  const folder = await tempFolder();
  const bundle = path.join(folder, "bundle.pem");
  const [one, two] = [block("CERTIFICATE", "b25l"), block("TRUSTED CERTIFICATE", "dHdv")];
  const keys = [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
  ];
  // The last key lies between the marks of a certificate without an end.
  const broken = `-----BEGIN CERTIFICATE-----\nb25l\n${block("PRIVATE KEY", "c2VjcmV0")}`;
  const planted = keys.map((kind) => block(kind, "c2VjcmV0"));
  await writeFile(bundle, [one, ...planted, two, "password: c2VjcmV0\n", broken].join(""));
  await writeFile(path.join(folder, "server.key"), planted.join(""));
  const copy = path.join(folder, "copy.pem");
  await copyCertificates(copy, [path.join(folder, "missing.pem"), bundle]);
  expect(await readFile(copy, "utf8")).toBe(one + two);
});

describe.skipIf(noBubblewrap)(
  `a Perl plugin that looks for programs and keys${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  () => {
    test("finds no program but perl and its loader, in any folder", async () => {
      const body = `
      my @programs;
      File::Find::find({ no_chdir => 1, wanted => sub {
        return if $File::Find::name =~ m{^/proc} || !-f $_ || -l $_;
        open my $in, '<:raw', $_ or return;
        read $in, my $start, 20;
        # ELF executables, and position-independent ones that are no library; scripts that may be run.
        push @programs, $_ if $start =~ /^\\x7fELF/ ? $_ !~ /\\.so(\\.|$)/ : -x $_ && $start =~ /^#!/;
      } }, "/");
      return (programs => [sort @programs], shell => system("/bin/sh", "-c", "true"));`;
      const seen = await openPerl().call(perlScript(body, { top: "use File::Find ();" }), request());
      expect(seen).toEqual({ programs: ["/usr/bin/perl"], shell: -1 });
    });

    test("finds certificates, and neither private keys nor this system's users", async () => {
      const body = `
      open my $in, '<', $ENV{SSL_CERT_FILE} or die $!;
      my $text = do { local $/; <$in> };
      my @there = grep { -e } qw(/etc/ssl/private /etc/ssl/openssl.cnf /etc/pki /etc/passwd /etc/shadow /etc/hosts /usr/share/ca-certificates /root /home);
      return (keys => scalar(() = $text =~ /PRIVATE KEY/g), certificates => scalar(() = $text =~ /BEGIN CERTIFICATE/g), there => \\@there);`;
      const seen = (await openPerl().call(perlScript(body), request())) as Record<string, unknown>;
      expect(seen).toMatchObject({ keys: 0, there: [] });
    });

    test("finds one file where the machine keeps certificates and keys", async () => {
      const body = `my @files; File::Find::find({ no_chdir => 1, wanted => sub { push @files, $_ if -f } }, "/etc/ssl");
        return (files => \\@files, own => $ENV{SSL_CERT_FILE});`;
      const seen = await openPerl().call(perlScript(body, { top: "use File::Find ();" }), request());
      expect(seen).toEqual({ files: [CERTIFICATES], own: CERTIFICATES });
    });

    test("loads compiled modules whose libraries are shown", async () => {
      const body = `
      my @loaded = grep { eval "require $_; 1" } qw(Digest::SHA Compress::Raw::Zlib Encode::JP Storable Time::HiRes POSIX Socket);
      return (loaded => scalar @loaded, date => scalar(@{[localtime]}));`;
      expect(await openPerl().call(perlScript(body), request())).toEqual({ loaded: 7, date: 9 });
    });
  },
);
