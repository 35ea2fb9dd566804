package Hitagi::Exit;
use Mojo::Base -strict, -signatures;

# What a plugin leaves behind: a call of exit, a forked process.

use POSIX qw(WNOHANG _exit);
use Hitagi::Host;

my $process;
BEGIN { $process = $$ }

# A plugin that says exit means its call, not the process that serves the next one.
BEGIN {
  *CORE::GLOBAL::exit
    = sub : prototype(;$) ($code = 0) { $$ == $process ? die "the plugin called exit\n" : CORE::exit($code) };
}

# Ends a forked process that comes out of the plugin's function as if it were the plugin.
sub end_fork () { _exit(0) unless $$ == $process }

# Ends what a call started and did not wait for. Where the system does not tell, that happens with this process.
sub end_children () {
  my @left = _children() or return;
  Hitagi::Host::note(log => {level => 'warn', text => 'the call left ' . @left . ' process(es) running: ended'});
  kill KILL => @left;
  waitpid $_, 0 for @left;
}

sub _children () {
  1 while waitpid(-1, WNOHANG) > 0;
  open my $file, '<', "/proc/$$/task/$$/children" or return;
  return split ' ', <$file> // '';
}

1;
