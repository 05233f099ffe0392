"""What may be done with a special inspection, and what with a survey (art. 4-6)?"""
