"""The findings: one file for each group of ids, each function what makes one of them."""
