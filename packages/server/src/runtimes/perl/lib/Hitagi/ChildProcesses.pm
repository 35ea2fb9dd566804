package Hitagi::ChildProcesses;
use Mojo::Base -strict, -signatures;

# Keeps a plugin's exit and fork within its call.

use POSIX qw(WNOHANG _exit);
use Hitagi::Host;

my $process;
BEGIN { $process = $$ }

# exit ends the call, not the process, which runs the next calls.
BEGIN {
  *CORE::GLOBAL::exit
    = sub : prototype(;$) ($code = 0) { $$ == $process ? die "the plugin called exit\n" : CORE::exit($code) };
}

# Ends a forked process that returns from the plugin's function.
sub end_fork () { _exit(0) unless $$ == $process }

# Ends processes that the call started and did not wait for. Without /proc they end with this process.
sub end_children () {
  my @left = _children() or return;
  Hitagi::Host::notify(log => {level => 'warn', text => 'the call left ' . @left . ' process(es) running: ended'});
  kill KILL => @left;
  waitpid $_, 0 for @left;
}

sub _children () {
  1 while waitpid(-1, WNOHANG) > 0;
  open my $file, '<', "/proc/$$/task/$$/children" or return;
  return split ' ', <$file> // '';
}

1;
