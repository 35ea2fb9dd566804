package LANraragi::Model::Plugins;
use Mojo::Base -strict, -signatures;

# exec_metadata_plugin($plugin, $id, %settings): runs a plugin's get_tags on an archive; new_tags, title (if titles may be
# replaced) and summary, or error.
# exec_script_plugin($plugin, %settings): runs its run_script. exec_login_plugin($namespace): the user agent of the login that
# the calling plugin names, or an empty one. A plugin is a class in this process, or what get_plugin returns.

use Mojo::UserAgent;
use Unicode::Normalize ();
use Hitagi::Call;
use Hitagi::Library;
use Hitagi::Session;
use Hitagi::Shim;
use LANraragi::Model::Config;
use LANraragi::Utils::Plugins;
use LANraragi::Utils::String;
use LANraragi::Utils::Tags;

sub has_old_style_params (%settings) { exists $settings{customargs} }

sub exec_login_plugin ($namespace = undef) {
  return Mojo::UserAgent->new unless length($namespace // '');
  my $own = Hitagi::Call::login() // '';
  die "only the session of the login_from of this plugin can be used, and $namespace is not it\n" unless lc $namespace eq $own;
  return Hitagi::Session::agent($own);
}

sub exec_script_plugin ($plugin, %settings) {
  my @arguments = has_old_style_params(%settings) ? @{$settings{customargs}} : (\%settings);
  my %info      = (user_agent => _agent($plugin), oneshot_param => $settings{oneshot});
  my @returned  = eval { $plugin->run_script(\%info, @arguments) };
  return $@ ? (error => $@) : @returned;
}

sub exec_metadata_plugin ($plugin, $id, %settings) {
  return (error => 'Tried to call a metadata plugin without providing an id.') unless $id;
  my $archive = Hitagi::Library::archive($id) or return (error => "$id does not exist in the database.");
  my %info    = (
    archive_id     => $id,
    archive_title  => $archive->{title},
    existing_tags  => Hitagi::Library::tags($archive),
    thumbnail_hash => '',
    file_path      => Hitagi::Library::file($archive),
    user_agent     => _agent($plugin),
    oneshot_param  => $settings{oneshot},
  );
  my @arguments = has_old_style_params(%settings) ? @{$settings{customargs}} : (\%settings);
  my %found     = eval { $plugin->get_tags(\%info, @arguments) };
  return (error => $@)             if $@;
  return %found                    if exists $found{error};
  return (new_tags => _new($archive, $found{tags}), _texts(%found));
}

# The tags that the archive does not have, as LANraragi writes them: ` a, b`.
sub _new ($archive, $tags) {
  my %known = map { (_comparable($_) => 1) } @{$archive->{tags}};
  my @found = LANraragi::Utils::Tags::split_tags_to_array($tags);
  return join ',', map {" $_"} grep { length && !$known{_comparable($_)} } @found;
}

# Tags that differ only in case, or in how their characters are composed, are one tag.
sub _comparable ($tag) { Unicode::Normalize::NFC(lc $tag) }

sub _texts (%found) {
  my %texts = map { ($_ => $found{$_}) } grep { exists $found{$_} } qw(title summary);
  delete $texts{title} if exists $texts{title} && !LANraragi::Model::Config::can_replacetitles();
  $texts{title} = LANraragi::Utils::String::trim($texts{title}) if exists $texts{title};
  return %texts;
}

# Another plugin opens its login itself.
sub _agent ($plugin) { ref $plugin ? Mojo::UserAgent->new : exec_login_plugin({$plugin->plugin_info}->{login_from}) }

1;
