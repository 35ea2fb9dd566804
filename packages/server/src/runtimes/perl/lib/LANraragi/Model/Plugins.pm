package LANraragi::Model::Plugins;
use Mojo::Base -strict, -signatures;

# Plugins import it without calling any function.

use Hitagi::Shim;

1;
