"""Who inspects an enterprise together, and who leads (art. 1, 2)?"""
