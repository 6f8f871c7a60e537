"""Views of the templates in ``templates/csharp/Objects``."""
