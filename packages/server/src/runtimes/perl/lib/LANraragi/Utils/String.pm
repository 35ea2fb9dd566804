package LANraragi::Utils::String;
use Mojo::Base -strict, -signatures;

# trim($text): without white space around it, '' for undef. trim_CRLF($text): without line breaks. trim_url($address):
# without its last slash, and if it has a scheme without scheme, `www.` and query, as LANraragi writes source tags.
# clean_title($title): without the (event), [artist] and [language] around it. remove_separator($text, $character): spaces in
# its place. most_similar($text, @values): the index of the value that is most like the text; undef without values.

use Hitagi::Shim;
use List::Util ();

sub trim ($text = undef) { ($text // '') =~ s/\A\s+|\s+\z//gr }

sub trim_CRLF ($text = undef) { defined $text ? $text =~ s/\R//gr : () }

sub trim_url ($address) {
  my $trimmed = trim($address);
  $trimmed = $1 if $trimmed =~ m{https?://(?:www\.)?([^?]*)};
  return $trimmed =~ s{/\z}{}r;
}

sub clean_title ($title) {
  my $clean = trim($title);
  $clean =~ s/\A\([^)]*\)?\s?//;
  $clean =~ s/\A\[[^]]*\]?\s?//;
  $clean =~ s/\s?\[[^]]*\]\z// for 1 .. 2;
  return $clean;
}

sub remove_separator ($text, $character) { $text =~ s/\Q$character\E/ /gr }

sub most_similar ($text, @values) {
  return unless @values;
  my @scores = map { _similarity($text, $_) } @values;
  return List::Util::reduce { $scores[$b] > $scores[$a] ? $b : $a } 0 .. $#scores;
}

# As String::Similarity: twice the length of the longest common subsequence, divided by the sum of the lengths.
sub _similarity ($one, $other) {
  my @one   = split //, $one   // '';
  my @other = split //, $other // '';
  return 1 unless @one || @other;
  my @row = (0) x (@other + 1);
  for my $character (@one) {
    my $diagonal = 0;
    for my $i (1 .. @other) {
      my $above = $row[$i];
      $row[$i] = $character eq $other[$i - 1] ? $diagonal + 1 : List::Util::max($above, $row[$i - 1]);
      $diagonal = $above;
    }
  }
  return 2 * $row[-1] / (@one + @other);
}

1;
