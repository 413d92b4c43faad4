"""``python -m nqpkit`` is the command ``nqp``."""

from nqpkit.cli import main

if __name__ == "__main__":
    main()
