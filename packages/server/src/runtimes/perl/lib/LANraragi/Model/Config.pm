package LANraragi::Model::Config;
use Mojo::Base -strict, -signatures;

# get_htmltitle, get_motd: how this server calls and describes itself. Called as methods of the class.

use Hitagi::Host;
use Hitagi::Shim;

sub get_htmltitle { Hitagi::Host::ask('server.info')->{name} }

sub get_motd { Hitagi::Host::ask('server.info')->{motd} }

1;
