"""How is a publicity system served that pulls its feed?"""
