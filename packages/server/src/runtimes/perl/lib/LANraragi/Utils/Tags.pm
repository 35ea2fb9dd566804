package LANraragi::Utils::Tags;
use Mojo::Base -strict, -signatures;

# split_tags_to_array($tags): the tags between commas, trimmed. join_tags_to_string(@tags): one text of them.
# tags_rules_to_array($text): the rules of a text, a reference to [kind, what it matches, replacement] for each line.
# rewrite_tags(\@tags, \@rules): the tags after the rules. build_tag_replace_hash(\@rules): references to the other rules, and
# to a hash of those of the kind hash_replace. unflat_tagrules(\@flat): rules of a flat list. replace_CRLF, restore_CRLF: line
# breaks as `;`, and back.

use Hitagi::Shim;
use LANraragi::Utils::String;

sub split_tags_to_array ($tags = undef) {
  return map { LANraragi::Utils::String::trim_CRLF(LANraragi::Utils::String::trim($_)) } split /,/, $tags // '';
}

sub join_tags_to_string (@tags) { join ',', @tags }

sub replace_CRLF ($text) { $text ? $text =~ s/\r\n/;/gr : $text }

sub restore_CRLF ($text) { $text ? $text =~ s/;/\r\n/gr : $text }

sub unflat_tagrules ($flat) {
  my @flat = @{$flat // []};
  my @rules;
  push @rules, [splice @flat, 0, 3] while @flat;
  return @rules;
}

sub tags_rules_to_array ($text) { map { _rule($_) } split /\n/, $text }

# A rule by the form of its line: `-a:*`, `-a`, `~a`, `a:* -> b:*`, `a => b`, `a`, `a -> b`.
sub _rule ($line) {
  my ($match, $value) = map { LANraragi::Utils::String::trim($_) } (split /->/, $line)[0, 1];
  return unless length $match;
  return ['remove_ns', lc $1, ''] if !$value && $match =~ /\A-(.*):\*\z/;
  return ['remove',    lc $1, ''] if !$value && $match =~ /\A-(.*)/;
  return ['strip_ns',  lc $1, ''] if !$value && $match =~ /\A~(.*)/;
  return ['replace_ns', lc substr($match, 0, -2), substr($value, 0, -2)] if $match =~ /:\*\z/ && $value =~ /:\*\z/;
  if ($line =~ /=>/) {
    ($match, $value) = map { LANraragi::Utils::String::trim($_) } (split /=>/, $line)[0, 1];
    return ['hash_replace', lc $match, $value || ''];
  }
  return [$value ? 'replace' : 'remove', lc $match, $value || ''];
}

sub build_tag_replace_hash ($rules) {
  my @others   = grep { $_->[0] ne 'hash_replace' } @$rules;
  my %replaced = map { (lc $_->[1] => $_->[2]) } grep { $_->[0] eq 'hash_replace' } @$rules;
  return (\@others, \%replaced);
}

sub rewrite_tags ($tags, $rules, $replaced = undef) {
  return @$tags unless @$rules;
  ($rules, $replaced) = build_tag_replace_hash($rules) unless defined $replaced;
  return grep {defined} map { _rewritten($_, $rules, $replaced) } @$tags;
}

# The tag after the rules in their order; undef if one removes it.
sub _rewritten ($tag, $rules, $replaced) {
  for my $rule (@$rules) {
    my ($kind, $match, $value) = @$rule;
    return undef if $kind eq 'remove'    && lc $tag eq $match;
    return undef if $kind eq 'remove_ns' && $tag =~ /\A\Q$match\E:/i;
    $tag =~ s/\A\Q$match\E:/$value:/i if $kind eq 'replace_ns';
    $tag =~ s/\A\Q$match\E://i        if $kind eq 'strip_ns';
    $tag = $value                      if $kind eq 'replace' && lc $tag eq $match;
  }
  return $replaced->{lc $tag} // $tag;
}

1;
