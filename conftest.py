"""Cases and self-tests alike run with Plugproof's fixtures."""

pytest_plugins = ("fixtures.plugin", "fixtures.case_fixtures", "fixtures.files.plugin")
