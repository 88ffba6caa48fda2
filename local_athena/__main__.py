"""`python -m local_athena`: the command `local-athena`."""

from local_athena.command import main

if __name__ == "__main__":
    main()
