"""The book: from pages and reports to a site that needs no server, and to one PDF.

`site` builds, checks and publishes; `extension` is its part inside Sphinx, with `numbering`, `roles` and
`surroundings`; `pages`, `catalogue`, `claims_pages` and `audit_pages` compute what pages show; `live` and its two
companions draw what moves without a kernel; `study_sources` and `editions` say which pages a study or a reader gets.
"""
