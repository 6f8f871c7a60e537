"""The Unity package: settings, import settings, glue, and the files around the generated C#."""
