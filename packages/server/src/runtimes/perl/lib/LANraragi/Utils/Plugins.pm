package LANraragi::Utils::Plugins;
use Mojo::Base -strict, -signatures;

# The other plugins. get_plugins($type): what they say about themselves; `all` for every type. get_plugin($namespace): a class
# in this process, or an object that runs the plugin on the server; 0 if there is none. use_plugin($namespace, $id, $argument):
# runs a metadata or script plugin with its own settings and grants; references to its plugin_info and its result.
# get_plugin_parameters($namespace): the plugin's own settings; of another plugin the defaults. Those of a plugin that takes them
# by position are a reference to a list, as `customargs`. get_downloader_for_url($url).

use Hitagi::Call;
use Hitagi::Host;
use Hitagi::OtherPlugin;
use Hitagi::Shim;

sub get_plugins ($type) {
  return grep { $type eq 'all' || $_->{type} eq $type } map { {%$_} } @{Hitagi::Host::request('plugins.list')};
}

sub get_plugin ($namespace) {
  return Hitagi::Call::class() if lc $namespace eq Hitagi::Call::namespace();
  my ($found) = grep { lc $_->{namespace} eq lc $namespace } get_plugins('all');
  return $found ? Hitagi::OtherPlugin->new($found) : 0;
}

sub use_plugin ($namespace, $id = undef, $argument = undef) {
  my $plugin = get_plugin($namespace) or return ({}, {error => 'Plugin not found on system.'});
  my %info   = $plugin->plugin_info;
  my %result = Hitagi::OtherPlugin->new(\%info)->use_it($id, $argument);
  return (\%info, \%result);
}

sub get_plugin_parameters ($namespace) {
  return Hitagi::Call::own_parameters() if lc $namespace eq Hitagi::Call::namespace();
  my $plugin     = get_plugin($namespace) or return ();
  my %info       = $plugin->plugin_info;
  my %parameters = %{$info{parameters} // {}};
  my @ordered    = _positional($info{to_named_params});
  return (customargs => [map { $parameters{$_}{default_value} } @ordered]) if @ordered;
  return map { ($_ => $parameters{$_}{default_value}) } keys %parameters;
}

# The names that the server gives to settings without names, in their order; none if they have others.
sub _positional ($names) {
  my @names = @{$names // []};
  return (grep { $names[$_] ne 'arg' . ($_ + 1) } 0 .. $#names) ? () : @names;
}

sub get_downloader_for_url ($url) {
  for my $plugin (get_plugins('download')) {
    my $regex = $plugin->{url_regex} // next;
    return $plugin if $url =~ m/$regex/;
  }
  return;
}

1;
