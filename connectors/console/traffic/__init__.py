"""How do events get in from files, and what becomes of them on the way?"""
