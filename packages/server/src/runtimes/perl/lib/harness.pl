# Runs inside perl, one process a plugin version: loads the plugin, runs its calls one after the other and sends back
# their results. The protocol is defined in processes/messages.ts.
use Mojo::Base -strict, -signatures;

use Hitagi::Call;
use Hitagi::Channel;
use Hitagi::ChildProcesses;
use Hitagi::ErrorMessage;
use Hitagi::Folder;
use Hitagi::Host;
use Hitagi::Output;
use Hitagi::Plugin;
use Hitagi::Preload;

# Gives a plugin about a third of the server's share of the processor.
use constant PRIORITY => 5;

my $plugin;

sub load_plugin ($message) {
  setpriority 0, 0, PRIORITY;
  my $loaded = eval { Hitagi::Plugin::load(@$message{qw(filename source modules)}) };
  if ($loaded) {
    $plugin = $loaded;
    return Hitagi::Channel::send_text('{"t":"loaded","manifest":' . Hitagi::Plugin::manifest_json($loaded) . '}');
  }
  Hitagi::Channel::send({t => 'loadFailed', reason => Hitagi::ErrorMessage::of($@)});
}

# Ends what a call has begun, before its result is sent.
sub end_call () {
  alarm 0;
  Hitagi::ChildProcesses::end_fork();
  Hitagi::Output::flush();
  Hitagi::ChildProcesses::end_children();
}

sub run_call ($message) {
  my ($id, $entry, $context) = @$message{qw(id entry context)};
  Hitagi::Folder::make($context->{tempdir});
  my $text = Hitagi::Host::during($id, sub { Hitagi::Call::run($plugin, $entry, $context) }, \&end_call);
  my $thrown = $@;
  my $full = !defined $text && Hitagi::Folder::is_full($thrown);
  if (defined $text) { Hitagi::Channel::send_text(qq({"t":"result","id":$id,"value":$text})) }
  else {
    my $code = Hitagi::Host::error_code($thrown) // ($full ? 'PLUGIN_FOLDER_FULL' : undef);
    Hitagi::Channel::send(
      {t => 'failure', id => $id, reason => Hitagi::ErrorMessage::of($thrown), defined $code ? (code => $code) : ()});
  }
  Hitagi::Folder::clear();
}

# A file that grows too large is an error of its writer, not the end of the process.
$SIG{XFSZ} = 'IGNORE';
Hitagi::Channel::open_pipes();
Hitagi::Output::capture();
Hitagi::Channel::send({t => 'ready'});
while (my $message = Hitagi::Channel::receive()) {
  if    ($message->{t} eq 'load') { load_plugin($message) }
  elsif ($message->{t} eq 'call') { run_call($message) }
}
