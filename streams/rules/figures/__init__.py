"""What counts for the statistics (art. 6, 19)?"""
