package LANraragi::Utils::Logging;
use Mojo::Base -strict, -signatures;

# get_plugin_logger(): a logger with the calling plugin's name. get_logger($name, $file): a logger with any name; the file
# is ignored. Lines go to the server's log, with the plugin's namespace.

use Hitagi::Log;
use Hitagi::Shim;

sub get_plugin_logger () {
  my $class = caller;
  my %info  = $class->can('plugin_info') ? $class->plugin_info : ();
  return Hitagi::Log->new($info{name} // $class);
}

sub get_logger ($name = '', $file = undef) { Hitagi::Log->new($name) }

1;
