"""How does a department without a platform draw, and come from a list to tasks, over HTTP?"""
