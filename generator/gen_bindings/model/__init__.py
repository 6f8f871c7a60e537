"""The intermediate representation: frozen dataclasses that read nothing and render nothing."""
