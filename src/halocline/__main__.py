"""python -m halocline: the command line."""

from halocline.cli.main import main

main()
