"""Does a department's integration do what the contract asks? Pure rules over what it sent.

`evidence` reads records, `rules_wire` judges their form, `rules_work` what they say of the work,
`table` names all of them in order. `hub conform` brings the records and shows what was found.
"""
