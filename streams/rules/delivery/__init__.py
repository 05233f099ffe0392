"""What is owed to a publicity system, when is it tried, and what is proven (art. 13)?"""
