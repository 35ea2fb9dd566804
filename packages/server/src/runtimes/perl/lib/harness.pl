# Runs inside perl, one process a plugin version: takes the plugin and its calls from the host, one after the other, and
# gives back what they return. The host's side of the protocol is processes/messages.ts.
use Mojo::Base -strict, -signatures;

use Hitagi::Call;
use Hitagi::Channel;
use Hitagi::Exit;
use Hitagi::Host;
use Hitagi::Output;
use Hitagi::Plugin;
use Hitagi::Preload;
use Hitagi::Words;

# The server is at its work before a plugin is: a third of its share.
use constant PRIORITY => 5;

my $plugin;

sub load_plugin ($message) {
  setpriority 0, 0, PRIORITY;
  my $loaded = eval { Hitagi::Plugin::load($message->{filename}, $message->{source}) };
  if ($loaded) {
    $plugin = $loaded;
    return Hitagi::Channel::send_text(
      '{"t":"loaded","manifest":' . Hitagi::Channel::encode($loaded->{manifest}) . '}');
  }
  Hitagi::Channel::send({t => 'unloadable', reason => Hitagi::Words::of($@)});
}

sub run_call ($message) {
  my ($id, $entry, $context) = @$message{qw(id entry context)};
  my $text = Hitagi::Host::during($id, sub { Hitagi::Call::run($plugin, $entry, $context) });
  my $thrown = $@;
  alarm 0;
  Hitagi::Exit::end_fork();
  if (defined $text) { Hitagi::Channel::send_text(qq({"t":"result","id":$id,"value":$text})) }
  else {
    my $code = Hitagi::Host::refusal_code($thrown);
    Hitagi::Channel::send(
      {t => 'failure', id => $id, reason => Hitagi::Words::of($thrown), defined $code ? (code => $code) : ()});
  }
  Hitagi::Exit::end_children();
}

Hitagi::Channel::open_pipes();
Hitagi::Output::capture();
Hitagi::Channel::send({t => 'ready'});
while (my $message = Hitagi::Channel::receive()) {
  if    ($message->{t} eq 'load') { load_plugin($message) }
  elsif ($message->{t} eq 'call') { run_call($message) }
}
