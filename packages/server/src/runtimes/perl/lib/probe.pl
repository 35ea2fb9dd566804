# Prints the files that perl needs: folders of modules, and shared libraries.
use Mojo::Base -strict, -signatures;
use DynaLoader ();
use File::Find ();
use Hitagi::Channel;
use Hitagi::Preload;

# What is loaded later, by a plugin's imports and requests: all compiled modules, with the libraries that they need.
sub load_compiled (@folders) {
  my @files;
  my $keep = sub { push @files, $File::Find::name if /\.so\z/ };
  File::Find::find({wanted => $keep, no_chdir => 1}, $_) for grep {-d} map {"$_/auto"} @folders;
  DynaLoader::dl_load_file($_, 0) for @files;
}

sub libraries {
  open my $maps, '<', '/proc/self/maps' or return;
  my %files = map { m{\s(/\S.*\.so\b.*)$} ? ($1 => 1) : () } <$maps>;
  return sort keys %files;
}

my @folders = grep { !ref } @INC;
load_compiled(@folders);
print Hitagi::Channel::encode({modules => \@folders, libraries => [libraries()]});
