"""What waits in the dead letters, and how does it get another chance?"""
