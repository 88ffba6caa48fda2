"""Runs the command `local-athena` as `python -m local_athena`."""

from local_athena.command import main

if __name__ == "__main__":
    main()
