"""`python -m gainsim`."""

from gainsim.cli.main import main

main()
