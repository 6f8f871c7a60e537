"""What a recording says: logs, the lives of handles in them, and findings."""
