"""Views: one module for each template, in folders like those of ``templates/csharp``; they decide nothing."""
