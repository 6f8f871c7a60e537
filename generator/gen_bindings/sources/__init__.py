"""Reading the inputs: one module per kind of input, each returns plain data and decides nothing."""
