package Hitagi::Shim;
use Mojo::Base -strict, -signatures;

# The base of LANraragi's modules here: plugins import functions by name. A function that Hitagi does not provide can be
# imported, but dies with its name when it is called, so that plugins that import and never call it work.

our $AUTOLOAD;

# `use Hitagi::Shim` gives the using module this import.
sub import ($class) {
  my $module = caller;
  no strict 'refs';
  *{"${module}::import"}   = \&_import;
  *{"${module}::AUTOLOAD"} = \&_autoload;
}

sub _import ($module, @names) {
  my $into = caller;
  no strict 'refs';
  *{"${into}::$_"} = defined &{"${module}::$_"} ? \&{"${module}::$_"} : _missing("${module}::$_") for grep {/\A\w+\z/} @names;
}

# perl sets $AUTOLOAD in the package in which this sub is compiled.
sub _autoload { die "$AUTOLOAD is not provided by Hitagi\n" unless $AUTOLOAD =~ /::DESTROY\z/ }

sub _missing ($name) {
  sub { die "$name is not provided by Hitagi\n" }
}

# Modules of LANraragi that are not here can be loaded; each of their functions dies with its name.
push @INC, sub ($self, $file) {
  return unless $file =~ m{\ALANraragi/(?!Plugin/)[\w/]+\.pm\z};
  my $text = 'package ' . $file =~ s/\.pm\z//r =~ s{/}{::}gr . q{; use Hitagi::Shim; 1;};
  open my $module, '<', \$text or die "a module cannot be read: $!";
  return $module;
};

1;
