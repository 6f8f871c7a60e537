"""What the templates are given: the model in C# words, every choice made. One module per kind of emitted file."""
