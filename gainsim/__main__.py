"""`python -m gainsim`."""

from gainsim.cli import main

main()
