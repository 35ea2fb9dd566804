import { describe, expect, test } from "vitest";
import { noBubblewrap, openPerl, perlScript } from "../runtimes/perl/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

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

    test("loads compiled modules whose libraries are shown", async () => {
      const body = `
      my @loaded = grep { eval "require $_; 1" } qw(Digest::SHA Compress::Raw::Zlib Encode::JP Storable Time::HiRes POSIX Socket);
      return (loaded => scalar @loaded, date => scalar(@{[localtime]}));`;
      expect(await openPerl().call(perlScript(body), request())).toEqual({ loaded: 7, date: 9 });
    });
  },
);
