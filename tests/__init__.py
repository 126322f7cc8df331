"""The tests are a package of the project: a library that installs a package of this name does not stand before it."""
