"""What is the story of one task, code, enterprise, result or special inspection?"""
