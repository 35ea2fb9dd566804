package Hitagi::Call;
use Mojo::Base -strict, -signatures;

# One call of a plugin: turns the context into LANraragi's arguments, and the returned values into the result.

use Scalar::Util qw(blessed);
use Hitagi::Folder;
use Hitagi::JSON;
use Hitagi::Session;
use Hitagi::Thumbnail;

my %entries = (
  getTags    => {sub => 'get_tags',    result => \&_metadata},
  provideUrl => {sub => 'provide_url', result => \&_download},
  login      => {sub => 'do_login'},
  run        => {sub => 'run_script',  result => \&_script},
);

our $context;
my $running;

# Calls an entry point and returns its result as JSON text. Dies as the plugin died, or with the error that it returned.
sub run ($plugin, $entry, $given) {
  local $context = $given;
  $running = $plugin;
  my ($sub, $result) = @{$entries{$entry}}{qw(sub result)};
  my @settings = _settings($plugin, $entry, $given);
  return _login($plugin->{class}->do_login(@settings)) if $entry eq 'login';
  my @returned = $plugin->{class}->$sub(_info($plugin, $given), @settings);
  my $fields   = _fields($sub, @returned);
  die _text($fields->{error}) . "\n" if length($fields->{error} // '');
  return Hitagi::JSON::json($result->($fields), 'the result');
}

# The plugin's namespace, its class, the namespace of its login, and its settings by name.
sub namespace ()    { $running->{manifest}{namespace} }
sub class ()        { $running->{class} }
sub login ()        { $running->{manifest}{login_from} }
sub own_settings () { values_of($running, $context) }

# The settings as LANraragi's get_plugin_parameters returns them.
sub own_parameters () {
  my %values = own_settings();
  return $running->{positional} ? (customargs => [@values{@{$running->{positional}}}]) : %values;
}

# LANraragi's info hash. Texts are characters, but paths are the system's bytes.
sub _info ($plugin, $given) {
  my $archive = $given->{archive};
  my %info    = (
    tempdir    => _bytes($given->{tempdir}),
    user_agent => Hitagi::Session::agent($plugin->{manifest}{login_from}),
  );
  if   (defined $given->{url}) { $info{url}           = $given->{url} }
  else                         { $info{oneshot_param} = $given->{arg} }
  if ($archive) {
    @info{qw(archive_id archive_title)} = @$archive{qw(id title)};
    $info{existing_tags} = join ',', @{$archive->{tags}};
    $info{file_path}     = _bytes($given->{file} // $archive->{filename});
    tie $info{thumbnail_hash}, 'Hitagi::Thumbnail', $info{file_path};
  }
  return \%info;
}

sub _bytes ($text) {
  utf8::encode($text) if defined $text;
  return $text;
}

# The values of the settings, as LANraragi passes them: a reference to a hash, or a flat list for a download plugin. An older
# plugin gets one value after the other, or a reference to them as `customargs` in the list.
sub _settings ($plugin, $entry, $given) {
  my %values = values_of($plugin, $given);
  my @ordered = map { $values{$_} } @{$plugin->{positional} // []};
  return $plugin->{positional} ? (customargs => \@ordered) : %values if $entry eq 'provideUrl';
  return @ordered if $plugin->{positional};
  return \%values if $entry eq 'login';
  return {%values, oneshot => $given->{arg}};
}

# The settings by name: the owner's value, else the default as plugin_info has it, which may be undef. True is 1, false ''.
sub values_of ($plugin, $given) {
  my %values = map { ($_ => _plain_value($given->{settings}{$_})) } keys %{$given->{settings}};
  $values{$_} = $plugin->{defaults}{$_} for @{$given->{unset} // []};
  return %values;
}

sub _plain_value ($value) { ref $value ? ($value ? 1 : '') : $value }

# The returned values as a hash.
sub _fields ($sub, @returned) {
  return $returned[0] if @returned == 1 && ref $returned[0] eq 'HASH';
  return {@returned}  if @returned % 2 == 0 && !grep { !defined || ref } @returned[map { $_ * 2 } 0 .. $#returned / 2];
  die "$sub must return a hash, and it returned " . _name(@returned) . "\n";
}

sub _name (@returned) {
  return @returned . ' values that are no pairs of a name and a value' if @returned != 1;
  my ($value) = @returned;
  return 'undef'                                  if !defined $value;
  return 'an object of the class ' . ref $value   if blessed $value;
  return 'a reference to ' . lc(ref $value)       if ref $value;
  return 'a single value';
}

sub _text ($value) { Hitagi::JSON::text("$value") }

# Fields as text: a title of digits is not a number.
sub _texts ($fields, %names) {
  my %texts;
  for my $name (keys %names) {
    my $value = $fields->{$names{$name}} // next;
    die "the result's $names{$name} is no text\n" if ref $value && !blessed $value;
    $texts{$name} = _text($value);
  }
  return \%texts;
}

sub _metadata ($fields) {
  my $tags = $fields->{tags};
  $fields = {%$fields, tags => join ',', @$tags} if ref $tags eq 'ARRAY';
  return _texts($fields, tags => 'tags', title => 'title', summary => 'summary');
}

sub _download ($fields) {
  my $found = _texts($fields, downloadUrl => 'download_url', filePath => 'file_path');
  $found->{filePath} = Hitagi::Folder::hand_over($fields->{file_path}) if exists $found->{filePath};
  return $found if %$found;
  die "provide_url returned neither a download_url nor a file_path\n";
}

sub _script ($fields) {$fields}

sub _login (@returned) {
  my ($agent) = @returned;
  die "do_login must return a Mojo::UserAgent, and it returned " . _name(@returned) . "\n"
    unless @returned == 1 && blessed $agent && $agent->isa('Mojo::UserAgent');
  return Hitagi::JSON::json(Hitagi::Session::of_agent($agent), 'the session');
}

1;
