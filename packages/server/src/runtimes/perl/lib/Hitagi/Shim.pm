package Hitagi::Shim;
use Mojo::Base -strict, -signatures;

# What every module of LANraragi's has here: its functions are imported by name, and one that Hitagi does not provide can
# be imported but dies when it is called, with a message that names it. So a plugin works as long as it does without.

our $AUTOLOAD;

# `use Hitagi::Shim` makes the module that says so such a one.
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

# perl puts the name that was called into the variable of the package in which this is compiled.
sub _autoload { die "$AUTOLOAD is not provided by Hitagi\n" unless $AUTOLOAD =~ /::DESTROY\z/ }

sub _missing ($name) {
  sub { die "$name is not provided by Hitagi\n" }
}

# A module of LANraragi's that has nothing here can be loaded all the same, and each of its functions says so.
push @INC, sub ($self, $file) {
  return unless $file =~ m{\ALANraragi/(?!Plugin/)[\w/]+\.pm\z};
  my $text = 'package ' . $file =~ s/\.pm\z//r =~ s{/}{::}gr . q{; use Hitagi::Shim; 1;};
  open my $module, '<', \$text or die "a module cannot be read: $!";
  return $module;
};

1;
