"""The reference model as an oracle beside agr, under random partners, cables and operators.

Both get the same events at the same virtual times (`pair`), hypothesis draws the events (`partners`), and
after each the frames and states of the two are compared (`compare`). Where the standard leaves a choice the
reference follows agr as far as the clause lets it (`freedoms`). What still differs is a bug of one of them.
"""
