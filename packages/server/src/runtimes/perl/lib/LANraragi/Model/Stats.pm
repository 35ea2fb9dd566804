package LANraragi::Model::Stats;
use Mojo::Base -strict, -signatures;

# is_url_recorded($address): the id of the archive with this source, or 0. get_archive_count(): of the library.
# build_tag_stats($least, \@namespaces): a reference to {text, namespace, weight} for each tag of as many archives, without
# those namespaces. compute_content_size(): gigabytes. A plugin that names this module requests the permission to read the library.

use Hitagi::Host;
use Hitagi::Library;
use Hitagi::Shim;
use LANraragi::Utils::String;

sub is_url_recorded ($address) {
  my $wanted = _same($address);
  my $found  = Hitagi::Host::request('library.search', {text => substr($wanted, 0, 1024), limit => 1000});
  for my $archive (@$found) {
    for my $tag (@{$archive->{tags}}) {
      return $archive->{id} if $tag =~ /\Asource:\s*(.+)\z/i && _same($1) eq $wanted;
    }
  }
  return 0;
}

sub _same ($address) { lc LANraragi::Utils::String::trim_url($address) }

sub get_archive_count (@) { Hitagi::Host::request('library.info')->{archives} }

sub get_page_stat (@) {0}

sub build_tag_stats ($least, $excluded = undef) {
  my %excluded = map { ($_ => 1) } @{$excluded // []};
  my %count;
  $count{lc $_}++ for map { @{$_->{tags}} } Hitagi::Library::all();
  my @tags;
  for my $tag (grep { $count{$_} >= $least } keys %count) {
    my ($namespace, $text) = $tag =~ /\A([^:]*):(.*)/s ? ($1, $2) : ('', $tag);
    push @tags, {text => $text, namespace => $namespace, weight => $count{$tag}} unless $excluded{$namespace};
  }
  return \@tags;
}

sub compute_content_size (@) {
  my $bytes = 0;
  $bytes += $_->{size} for Hitagi::Library::all();
  return int($bytes / 1_073_741_824 * 100) / 100;
}

1;
