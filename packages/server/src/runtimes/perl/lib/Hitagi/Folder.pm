package Hitagi::Folder;
use Mojo::Base -strict, -signatures;

# The temporary folder of the process, where it is confined: it is in memory, and the server cannot reach it. Otherwise the
# server makes each call's folder, and removes it.

use Cwd ();
use File::Path ();
use IO::Socket::UNIX;
use Hitagi::JSON;

use constant {ROOT => '/tmp', SOCKET => '/host/file', CHUNK => 256 * 1024};

# The file that is_full writes, in bytes: more than what is left of a page.
use constant PROBE => 64 * 1024;

my $folder;
my $confined = -S SOCKET;

# Makes the folder of a call.
sub make ($path) {
  $folder = $path;
  mkdir $folder if $confined && defined $folder;
}

# Whether a call failed because nothing more can be written.
sub is_full ($thrown) {
  return 0 unless $confined;
  return 1 if (eval {"$thrown"} // '') =~ /No space left on device|File too large/;
  my $file = ROOT . '/.full';
  open my $out, '>:raw', $file or return $!{ENOSPC};
  my $written = syswrite $out, "\0" x PROBE;
  my $full    = !defined $written ? $!{ENOSPC} : $written < PROBE;
  close $out;
  unlink $file;
  return $full;
}

# Removes all files of the process. A folder that the process is in cannot be removed.
sub clear () {
  return unless $confined;
  chdir '/';
  File::Path::remove_tree(ROOT, {keep_root => 1, error => \my $ignored});
  chdir ROOT;
}

# Gives a file of the folder to the server. Returns its name for the server.
sub hand_over ($file) {
  return Hitagi::JSON::text("$file") unless $confined;
  my $path = Cwd::realpath($file);
  die "provide_url gave a file that is not in its temporary folder\n"
    unless defined $path && index($path, ROOT . '/') == 0 && -f $path;
  open my $in, '<:raw', $path or die "the file cannot be read: $!\n";
  my $server = IO::Socket::UNIX->new(Peer => SOCKET) or die "the file cannot be handed over: $!\n";
  local $SIG{PIPE} = 'IGNORE';
  _copy($in, $server);
  shutdown $server, 1;
  # The server answers once it has the whole file, or at once if this call may not supply one.
  sysread($server, my $answer, 1) or die "the server did not take the file: it is too large, or the disk is full\n";
  return Hitagi::JSON::text($path =~ s{.*/}{}sr);
}

sub _copy ($in, $server) {
  while (sysread $in, my $chunk, CHUNK) {
    while (length $chunk) {
      my $put = syswrite $server, $chunk;
      return if !defined $put && !$!{EINTR};
      substr $chunk, 0, $put // 0, '';
    }
  }
}

1;
