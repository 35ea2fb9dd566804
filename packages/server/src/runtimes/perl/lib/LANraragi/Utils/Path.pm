package LANraragi::Utils::Path;
use Mojo::Base -strict, -signatures;

# create_path($file): the path for the system's functions. open_path_or_die($handle, $mode, $file): open.
# date_modified($file): epoch seconds.

use Hitagi::Shim;

sub create_path ($file) {$file}

# The handle is the caller's own variable, as with open.
sub open_path_or_die { CORE::open($_[0], $_[1], $_[2]) || die "$_[2] cannot be opened: $!\n" }

sub date_modified ($file) { (stat $file)[9] }

1;
