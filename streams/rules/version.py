"""Which version of the rules decides?

Every fact carries it. It rises by one whenever any decision on any log would come out differently;
the golden test fails when decisions change and it did not rise.
"""

RULES_VERSION = 8
