package LANraragi::Model::Category;
use Mojo::Base -strict, -signatures;

# Hitagi has no categories: no function is provided.

use Hitagi::Shim;

1;
