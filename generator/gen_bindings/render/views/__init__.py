"""What the templates are given: the model in C# words, one module per kind of emitted file."""
