package LANraragi::Utils::Generic;
use Mojo::Base -strict, -signatures;

# is_archive($file), is_image($file): by the name's extension. get_version(): a reference to a hash with Hitagi's name,
# version, version_name and version_desc. exec_with_lock_pure(\@names, $function): runs the function, and returns (1, its
# value), or (0, undef) while this process holds one of the locks. remove_spaces, remove_newlines: change the given variable.
# The rest works on lists and texts as the names say.

use Digest::SHA ();
use Hitagi::Host;
use Hitagi::Shim;
use LANraragi::Utils::String;

sub is_archive ($file) { $file =~ /.\.(?:zip|cbz|cbw|rar|cbr|7z|cb7|tar|cbt|tar\.gz|tar\.zst|zst|lzma|xz|pdf|epub)\z/i }

sub is_image ($file) { $file =~ /.\.(?:png|jpe?g|jfif|gif|bmp|webp|avif|hei[cf]|jxl)\z/i }

sub get_version (@) { Hitagi::Host::request('server.info') }

sub remove_spaces   { $_[0] =~ s/\A\s+|\s+\z//g }
sub remove_newlines { $_[0] =~ s/\R//g }

sub trim_url ($address) { LANraragi::Utils::String::trim_url($address) }

# The value of the first tag of a namespace, without what follows a second colon.
sub get_tag_with_namespace ($namespace, $tags, $default = undef) {
  for my $tag (split /,/, $tags) {
    my ($name, $value) = map { LANraragi::Utils::String::trim($_) } (split /:/, $tag)[0, 1];
    return $value if $name eq $namespace;
  }
  return $default;
}

# '' if there is no such algorithm.
sub shasum_str ($data, $algorithm) {
  my $digest = Digest::SHA->new($algorithm) or return '';
  return eval { $digest->add($data)->hexdigest } // '';
}

sub flat (@values) {
  map { ref eq 'ARRAY' ? @$_ : $_ } @values;
}

sub get_bytelength ($text) {
  utf8::encode($text) if utf8::is_utf8($text);
  return length $text;
}

sub array_difference ($known, $values) {
  my %known = map { ($_ => 1) } @$known;
  return grep { !$known{$_} } @$values;
}

sub intersect_arrays ($one, $other, $difference = 0) {
  return $difference ? @$other : () unless @$one;
  die "intersect_arrays called with an empty array2\n" unless @$other;
  my %one = map { ($_ => 1) } @$one;
  return grep { $difference xor $one{$_} } @$other;
}

sub filter_hash_by_keys ($names, %hash) {
  return map { exists $hash{$_} ? ($_ => $hash{$_}) : () } @$names;
}

my %locked;

sub exec_with_lock_pure ($names, $function, @) {
  die "Lock name list cannot be empty\n" unless @$names;
  return (0, undef) if grep { $locked{$_} } @$names;
  local @locked{@$names} = (1) x @$names;
  return (1, scalar $function->());
}

1;
