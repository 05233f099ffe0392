"""How do events come in over HTTP, and how are their answers found?"""
