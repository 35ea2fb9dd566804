package LANraragi::Model::Plugins;
use Mojo::Base -strict, -signatures;

# Plugins import it and call nothing of it.

use Hitagi::Shim;

1;
