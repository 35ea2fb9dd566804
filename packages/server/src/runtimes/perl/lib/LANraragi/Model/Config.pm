package LANraragi::Model::Config;
use Mojo::Base -strict, -signatures;

# get_htmltitle, get_motd: the server's name and greeting. Called as class methods.

use Hitagi::Host;
use Hitagi::Shim;

sub get_htmltitle { Hitagi::Host::request('server.info')->{name} }

sub get_motd { Hitagi::Host::request('server.info')->{motd} }

1;
