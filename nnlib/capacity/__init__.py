"""What the network can do, and whether descent finds it.

Read first `search` (the best fits from many starts, for each size, and what descent makes of the
same starts), `budgets` (what descent reaches with more epochs, more neurons and smaller rates) and
`differing` (what larger initial weights do for neurons that would be alike), then `exhibits`
(networks whose weights one can type in) and `bounds` (their errors over the whole interval, proven;
it needs python-flint).
"""
