"""What ``init`` infers from a schema, headers and a library: one subject per file."""
