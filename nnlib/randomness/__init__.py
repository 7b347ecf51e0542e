"""What the random numbers of a run decide: replicates with other ones, and a study of thousands.

Read first `replicates` (one experiment, many draws), then `study` (which were run), `statistics`
(what is made of them) and `similarity` (how alike two runs are).
"""
