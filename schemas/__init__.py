"""The vocabulary: values, messages, their bytes, policy data.

Pure: no I/O beyond reading its own data files.
"""
