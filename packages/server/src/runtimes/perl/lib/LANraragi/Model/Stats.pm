package LANraragi::Model::Stats;
use Mojo::Base -strict, -signatures;

# is_url_recorded($address): the id of the archive with this source, or 0. A plugin that names this module requests the
# permission to read the library.

use Hitagi::Host;
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

1;
