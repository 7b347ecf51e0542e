"""What the document reports, compared with what comes out here, and how the book shows it.

Read first `claims` (the rows of `claims.toml`, and of `claims-1b.toml` for the follow-up), then
`measures` and `measures_1b` (what is measured for each), then
`ledger` (the verdicts) and `display` (figures and tables of the book); `runs` trains each
experiment once.
"""
