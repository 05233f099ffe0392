"""What was counted, and what would another cap table have counted?"""
