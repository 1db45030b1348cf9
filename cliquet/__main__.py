"""``python -m cliquet``."""

from cliquet.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
