"""The streams: pure rules in `streams/rules`, thin shells beside them that gather, ask the rule.

Carry out.
"""
