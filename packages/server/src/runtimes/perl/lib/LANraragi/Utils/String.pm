package LANraragi::Utils::String;
use Mojo::Base -strict, -signatures;

# trim($text): without white space around it, '' for undef. trim_CRLF($text): without line breaks. trim_url($address):
# without its scheme, `www.`, query and last slash, as LANraragi writes source tags.

use Hitagi::Shim;

sub trim ($text = undef) { ($text // '') =~ s/\A\s+|\s+\z//gr }

sub trim_CRLF ($text = undef) { defined $text ? $text =~ s/\R//gr : undef }

sub trim_url ($address) {
  my $trimmed = trim($address) =~ s{\Ahttps?://(?:www\.)?}{}ir;
  return $trimmed =~ s/\?.*\z//sr =~ s{/\z}{}r;
}

1;
