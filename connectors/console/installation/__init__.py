"""How is a hub set up, run, secured and described?"""
