"""May this inspection take place with a code, and with which prompts (art. 3, 7, 8, 10, 14)?"""
