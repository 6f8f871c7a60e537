"""What is different between two models, and what each difference means for a binding."""
