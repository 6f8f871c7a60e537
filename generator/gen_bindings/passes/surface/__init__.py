"""The passes that shape the C# of a finished model, one fact each."""
