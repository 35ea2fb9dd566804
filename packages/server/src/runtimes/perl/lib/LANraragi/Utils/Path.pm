package LANraragi::Utils::Path;
use Mojo::Base -strict, -signatures;

# create_path($file), compat_path($file): the path for the system's functions. open_path($handle, $mode, $file),
# open_path_or_die: open. date_modified($file): epoch seconds. unlink_path, rename_path, move_path, find_path(\&wanted, $folder):
# as the functions of these names. get_archive_path($redis, $id): the path of an archive of the library.

use File::Copy ();
use File::Find ();
use Hitagi::Shim;

sub create_path ($file) {$file}
sub compat_path ($file) {$file}

# The handle is the caller's own variable, as with open.
sub open_path { CORE::open($_[0], $_[1], $_[2]) }

sub open_path_or_die { CORE::open($_[0], $_[1], $_[2]) || die "$_[2] cannot be opened: $!\n" }

sub date_modified ($file) { (stat $file)[9] }

sub unlink_path ($file) { unlink $file }
sub rename_path ($from, $to) { rename $from, $to }
sub move_path ($from, $to) { File::Copy::move($from, $to) }

sub find_path ($wanted, $folder) {
  File::Find::find({wanted => $wanted, no_chdir => 1, follow_fast => 1}, $folder);
}

sub get_archive_path ($redis, $id) { create_path($redis->hget($id, 'file')) }

1;
