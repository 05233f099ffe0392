"""What is disclosed, repaired and stopped, and where (art. 9, 11-13)?"""
