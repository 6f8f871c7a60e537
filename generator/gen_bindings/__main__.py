"""``python -m gen_bindings``."""

from gen_bindings.cli import main

if __name__ == "__main__":
    main()
